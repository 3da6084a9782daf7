/** `--show-secrets`, for every command that writes down a tree. */
import * as Flag from "effect/cli/Flag"

export const showSecrets = Flag.Boolean("show-secrets").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Do not replace what looks like a secret: environment variables, headers, arguments, passwords in addresses.")
)
