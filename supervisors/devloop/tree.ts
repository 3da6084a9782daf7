/** A developer's daemon under the limits a systemd unit would give it: 5 starts in 10 minutes, 5 seconds apart. See README.md. */
import { constant, fd, supervisor, worker } from "supervise"

export default ({ tier }: { readonly tier?: string }) =>
  supervisor({
    id: "devloop",
    // systemd counts starts, and the first is one of them; OTP counts restarts. StartLimitBurst=5 is one start and 4 restarts.
    intensity: 4,
    period: "10 minutes", // StartLimitIntervalSec=600
    children: [
      worker({
        id: "daemon",
        start: ["node", "daemon.js"],
        ready: fd(),
        startTimeout: "10 seconds",
        backoff: constant({ delay: tier === "test" ? "50ms" : "5s", jitter: 0 }) // RestartSec=5
      })
    ]
  })
