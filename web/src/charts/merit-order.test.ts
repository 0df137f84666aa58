import { describe, expect, it } from '@jest/globals';
import { curvesOf } from './merit-order';

const step = (limit: string | null, energyWh: string): { limit: string | null; energyWh: string; ownWh: string } => ({
    limit,
    energyWh,
    ownWh: '0',
});
const ENDS = { highest: 300_000n, lowest: 80_000n };

describe('the merit-order curve', () => {
    it('lets each price hold from where its energy begins to where it ends', () => {
        const bids = [step('250000', '400'), step('200000', '600')];
        const asks = [step('100000', '500')];
        expect(curvesOf({ bids, asks }, ENDS)).toEqual({
            x: [0, 0.4, 0.5, 1],
            bids: [0.25, 0.2, 0.2, 0.2],
            asks: [0.1, 0.1, 0.1, null],
        });
    });

    it('puts orders at any price at the end of the scale that is best for the other side', () => {
        const curves = curvesOf({ bids: [step(null, '100')], asks: [step(null, '100')] }, ENDS);
        expect(curves).toEqual({ x: [0, 0.1], bids: [0.3, 0.3], asks: [0.08, 0.08] });
    });

    it('is empty where nobody ordered', () => {
        expect(curvesOf({ bids: [], asks: [] }, ENDS)).toEqual({ x: [], bids: [], asks: [] });
    });
});
