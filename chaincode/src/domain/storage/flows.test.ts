import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { contractedEnergy } from './flows';

describe('energy under contracts', () => {
    const taken = [{ slot: 10, prosumer: 'A', storage: 'S', energyWh: 400n }];
    const given = [{ deliverySlot: 20, storage: 'S', buyer: 'B', energyWh: 361n }];

    it.each([
        { member: 'A', flows: [[10, { contracted: 400n, received: 0n }]] },
        { member: 'B', flows: [[20, { contracted: -361n, received: 361n }]] },
        {
            member: 'S',
            flows: [
                [10, { contracted: -400n, received: 0n }],
                [20, { contracted: 361n, received: 0n }],
            ],
        },
        { member: 'C', flows: [] },
    ])('of $member', ({ member, flows }) => {
        expect([...contractedEnergy(member, taken, given)]).toEqual(flows);
    });

    it('cancels in every slot over all members, and is received once for each Wh that is given out', () => {
        const member = fc.constantFrom('A', 'B', 'S');
        const slot = fc.integer({ min: 0, max: 3 });
        const energyWh = fc.bigInt({ min: 1n, max: 5n });
        holds(
            fc.property(
                fc.array(fc.record({ slot, prosumer: member, storage: member, energyWh })),
                fc.array(fc.record({ deliverySlot: slot, storage: member, buyer: member, energyWh })),
                (into, out) => {
                    const all = ['A', 'B', 'S'].map((each) => contractedEnergy(each, into, out));
                    let received = 0n;
                    for (const at of [0, 1, 2, 3]) {
                        expect(all.reduce((sum, flows) => sum + (flows.get(at)?.contracted ?? 0n), 0n)).toBe(0n);
                        received += all.reduce((sum, flows) => sum + (flows.get(at)?.received ?? 0n), 0n);
                    }
                    expect(received).toBe(out.reduce((sum, each) => sum + each.energyWh, 0n));
                },
            ),
        );
    });
});
