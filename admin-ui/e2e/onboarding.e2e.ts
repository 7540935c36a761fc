import { expect, it } from 'vitest';
import { firstContract } from './firstContract';

it('a new builder has a first contract within ten minutes', async () => {
  const { clicks, seconds } = await firstContract('quay');
  console.log(`first contract: ${clicks} clicks, ${seconds.toFixed(1)} s of machine time`);
  expect(clicks).toBeLessThan(20);
});
