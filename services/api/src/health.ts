import { access } from 'node:fs/promises'
import type { Lifecycle } from '@glance/shared/lifecycle'
import type { HealthAnswer } from './parts.ts'

/** For load balancers, which is anybody: which parts work, not why others do not; that is in the log. */
export async function healthOf(life: Lifecycle, disabledBy: string | undefined): Promise<HealthAnswer> {
  if (disabledBy !== undefined && (await exists(disabledBy))) return { healthy: false, reasons: ['DISABLED BY FILE'] }
  const ailing = (await life.health()).filter(({ ok }) => !ok)
  if (ailing.length === 0) return { healthy: true, reasons: ['OK'] }
  return { healthy: false, reasons: ailing.map(({ name }) => `${name} is not working`) }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
