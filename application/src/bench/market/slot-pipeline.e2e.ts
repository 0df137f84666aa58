import { describe, expect, it } from '@jest/globals';
import { onNetwork } from './bench-network';
import { OpenDay } from './slot-pipeline';

const HOUSEHOLDS = 50;

describe(`${HOUSEHOLDS} households that send at the same moment`, () => {
    it('have orders, openings and readings of a slot committed, none invalid and none sent twice', async () => {
        await onNetwork({ organisations: HOUSEHOLDS + 1, portBase: 23_900 }, async (members) => {
            const day = await OpenDay.of(members);
            const before = members.log.outcomes.length;
            const { round } = await day.runSlot();
            const sent = members.log.outcomes.slice(before);
            expect(sent.filter(({ validationCode }) => validationCode !== 'VALID')).toEqual([]);
            const count = (transaction: string): number =>
                sent.filter((each) => each.transaction === transaction).length;
            expect({
                submitted: count('auction:submitOrders'),
                revealed: count('auction:revealOrders'),
                recorded: count('metering:recordReadings'),
                others: sent.length - 3 * HOUSEHOLDS,
            }).toEqual({ submitted: HOUSEHOLDS, revealed: HOUSEHOLDS, recorded: HOUSEHOLDS, others: 2 });
            expect(round.outcomes).toHaveLength(HOUSEHOLDS);
            expect(round.dropped).toEqual([]);
        });
    }, 300_000);
});
