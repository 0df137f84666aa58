import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { after, isPending, tiesEnergy, type ContractAction, type ContractStatus } from './life-cycle';

const ACTIONS: readonly ContractAction[] = ['offer', 'withdraw', 'buy', 'release', 'confirm', 'refund'];

describe('the life of a contract', () => {
    it.each<{ status: ContractStatus | undefined; can: readonly string[] }>([
        { status: undefined, can: ['offer → offered'] },
        { status: 'offered', can: ['withdraw → withdrawn', 'buy → bought'] },
        { status: 'withdrawn', can: ['offer → offered'] },
        { status: 'bought', can: ['release → released', 'refund → refunded'] },
        { status: 'released', can: ['confirm → confirmed', 'refund → refunded'] },
        { status: 'confirmed', can: [] },
        { status: 'refunded', can: ['offer → offered'] },
    ])('goes on from $status by $can', ({ status, can }) => {
        const steps = ACTIONS.flatMap((action) => {
            const next = after(status, action);
            return next === undefined ? [] : [`${action} → ${next}`];
        });
        expect(steps).toEqual(can);
    });

    it('ties its energy from the offer until it is taken back or refunded, and for ever once it is delivered', () => {
        const all: (ContractStatus | undefined)[] = [
            undefined,
            'offered',
            'withdrawn',
            'bought',
            'released',
            'confirmed',
            'refunded',
        ];
        expect(all.filter(tiesEnergy)).toEqual(['offered', 'bought', 'released', 'confirmed']);
    });

    it('pays or refunds each purchase exactly once, in any order of actions', () => {
        holds(
            fc.property(fc.array(fc.constantFrom(...ACTIONS), { maxLength: 40 }), (actions) => {
                let status: ContractStatus | undefined;
                let [held, sold] = [0, 0];
                for (const action of actions) {
                    const next = after(status, action);
                    if (next === undefined) {
                        continue;
                    }
                    held += action === 'buy' ? 1 : action === 'confirm' || action === 'refund' ? -1 : 0;
                    sold += action === 'confirm' ? 1 : 0;
                    status = next;
                    expect(held).toBe(isPending(status) ? 1 : 0);
                    expect(sold).toBeLessThanOrEqual(1);
                }
            }),
        );
    });
});
