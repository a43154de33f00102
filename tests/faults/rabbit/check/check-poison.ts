/** The verdict on one message that fails each time among others that do not. */

export interface PoisonEvidence {
  /** Of the queue. */
  readonly limit: number;
  /** Of the poison, until it was parked. */
  readonly deliveries: number;
  readonly serviceKills: number;
  readonly wantsServiceKills: boolean;
  readonly innocents: number;
  /** Of them, those that a consumer got. */
  readonly innocentsDone: number;
  readonly innocentsParked: number;
  readonly poisonsParked: number;
}

/**
 * One line for each promise that is broken. A delivery that ends with a kill of the service may not count as a failure
 * (docs/decisions/0012), so that a poison may come once more for each.
 */
export function checkPoison(evidence: PoisonEvidence): string[] {
  const { limit, deliveries, serviceKills, wantsServiceKills } = evidence;
  const { innocents, innocentsDone, innocentsParked, poisonsParked } = evidence;
  const broken: string[] = [];
  if (wantsServiceKills && serviceKills === 0) broken.push('void: the service was not killed');
  if (deliveries < limit || deliveries > limit + serviceKills) {
    broken.push(`${deliveries} deliveries with ${serviceKills} kills of the service, not ${limit}`);
  }
  if (poisonsParked !== 1) broken.push('the poison is not in the dead letters');
  if (innocentsParked > 0) broken.push(`${innocentsParked} innocent messages are in the dead letters`);
  if (innocentsDone < innocents) broken.push(`${innocents - innocentsDone} innocent messages never came`);
  return broken;
}
