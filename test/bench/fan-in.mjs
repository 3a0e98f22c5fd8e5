// Requests of an idle incremental round over 20 hotels: one Portfolio AccessToken for all, beside an AccessToken for each.
import { connectEnvironment, startWhole, untilIdle } from './whole.mjs';

const HOTELS = 20;

/** @returns requests of a round through the portfolio, beside those through single tokens, and how many times fewer they are */
export async function benchFanIn(bench, parts) {
  const { startSandbox } = await import(new URL('../../dist/apps/sandbox/src/index.js', import.meta.url).href);
  const sandbox = await startSandbox({ profile: 'small', limit: { requests: 10_000 } });
  const whole = await startWhole(bench, parts);
  try {
    const { world } = sandbox, chain = world.addChain('Bench');
    const hotels = Array.from({ length: HOTELS }, () => world.addEnterprise({ chainId: chain.id, ageDays: 120, reservations: 30 }).id);
    const together = [world.issueToken({ kind: 'portfolio', enterprises: hotels, restricted: true })];
    const apart = hotels.map((id) => world.issueToken({ enterprises: [id], restricted: true }));
    const applicationId = await connectEnvironment(whole, sandbox.url, sandbox.tokens[0].clientToken);
    const collections = parts.mews.collections.filter((entry) => entry.portfolio !== 'no' && entry.parents.every((parent) => parent.collection !== 'devices')).map((entry) => entry.name);
    const counts = [];
    for (const [slug, tokens] of [['together', together], ['apart', apart]]) {
      await whole.call('/tenants', { slug, name: slug });
      for (const { accessToken } of tokens) await whole.call(`/tenants/${slug}/access-tokens`, { applicationId, environment: 'bench', accessToken });
      await untilIdle(bench.owner);
      const asked = () => tokens.reduce((sum, { accessToken }) => sum + sandbox.log.requests(accessToken).length, 0);
      const before = asked();
      await whole.call(`/tenants/${slug}/syncs`, { collections });
      await untilIdle(bench.owner);
      counts.push(asked() - before);
      const { rows: [{ bad }] } = await bench.owner.query(`select count(*)::int as bad from run where state <> 'succeeded' and error->>'code' is distinct from 'collection.unavailable'`);
      if (bad > 0) throw new Error(`${bad} runs did not succeed`);
      await bench.owner.query('delete from schedule');
    }
    const [value, yardstick] = counts;
    return { fan_in: { value, unit: 'requests', yardstick, ratio: Math.round(yardstick / value * 100) / 100 } };
  } finally {
    await whole.stop();
    await sandbox.stop();
  }
}
