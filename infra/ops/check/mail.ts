/** Whether somebody hears of failures. */
import type { Alerts } from '../../lib/config/deployment.ts';
import { CONFIRM, type Subscription } from '../common/subscriptions.ts';
import { type Finding, fails, holds } from './finding.ts';

/** Judges the topic's subscriptions: those of the config, and what else is subscribed. */
export function judgeSubscriptions(
  alerts: Alerts,
  subscriptions: readonly Subscription[],
  env: string,
): Finding[] {
  if (subscriptions.length === 0) {
    return [
      fails(
        'nobody is subscribed: no failure would be told',
        `write \`alerts.email\` or \`alerts.slack\` into the config and run \`make deploy ENV=${env}\``,
      ),
    ];
  }
  const of = (address: string): Subscription | undefined =>
    subscriptions.find(({ endpoint }) => endpoint.toLowerCase() === address.toLowerCase());
  const absent = alerts.email.filter((address) => !of(address));
  return [
    ...subscriptions.map(({ protocol, endpoint, confirmed }) =>
      confirmed
        ? holds(`${endpoint} (${protocol}) is subscribed`)
        : fails(`${endpoint} (${protocol}) has not confirmed its subscription and is told nothing`, CONFIRM),
    ),
    ...absent.map((address) =>
      fails(
        `${address} is in the config and not subscribed`,
        `run \`make deploy ENV=${env}\`; where that changes nothing, subscribe it in the SNS console`,
      ),
    ),
  ];
}
