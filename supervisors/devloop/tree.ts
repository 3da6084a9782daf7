/** A developer's daemon with the limits of its systemd unit: 5 starts in 10 minutes, 5 seconds apart. See README.md. */
import { constant, fd, supervisor, worker } from "supervise"

interface Context {
  readonly env: { readonly [name: string]: string | undefined }
  readonly tier?: string
}

export default ({ env, tier }: Context) =>
  supervisor({
    id: "devloop",
    // systemd counts starts, including the first; OTP counts restarts. StartLimitBurst=5 is one start and 4 restarts.
    intensity: 4,
    period: "10 minutes", // StartLimitIntervalSec=600
    onIntensity: "escalate", // above its limit the unit stops trying
    children: [
      worker({
        id: "daemon",
        start: ["node", "daemon.js"],
        ready: fd(),
        startTimeout: "10 seconds",
        // WatchdogSec=, but without guessing a time: what is unusual is learned from earlier beats.
        heartbeat: {
          every: `${Number(env.DEVLOOP_BEAT_MS || 2000)} millis`,
          from: { type: "file", path: `${env.DEVLOOP_STATE || ".supervise/devloop"}/heartbeat.json` }
        },
        backoff: constant({ delay: tier === "test" ? "50ms" : "5s", jitter: 0 }) // RestartSec=5
      })
    ]
  })
