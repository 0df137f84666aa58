import { describe, expect, it } from '@jest/globals';
import { compareFeeder } from '@commonwatt/chaincode/domain/feeder/comparison';
import { netEnergy } from '@commonwatt/chaincode/domain/quantity';
import { slot as slotOf } from '@commonwatt/chaincode/domain/slot';
import { passedMeters, simulatedFeeder } from './feeder-meter';

const LOSSES = { constantWh: 20n, lossPpm: 15_000n, tolerancePpm: 10_000n, payer: 'grid' as const };

describe('a simulated feeder', () => {
    it.each([
        { netWh: -1000n, feederWh: -1035n },
        { netWh: 1000n, feederWh: 965n },
        { netWh: 0n, feederWh: -20n },
    ])('shows $feederWh where $netWh passed the meters', ({ netWh, feederWh }) => {
        expect(simulatedFeeder([{ slot: 7, netWh }], LOSSES)).toEqual([{ slot: 7, feederWh }]);
    });

    it('loses what the terms expect, whatever flows: each slot fits', () => {
        for (let wh = -40_000n; wh <= 40_000n; wh += 37n) {
            const [shown] = simulatedFeeder([{ slot: 7, netWh: wh }], LOSSES);
            const compared = compareFeeder(
                [{ slot: slotOf(7), feeder: netEnergy(shown?.feederWh ?? 0n), metered: netEnergy(wh) }],
                LOSSES,
            );
            expect({ wh, fits: compared.fits }).toEqual({ wh, fits: true });
        }
    });

    it('sees what meters of silent homes saw instead of their estimates, and what no meter counted', () => {
        const sums = [
            { slot: 7, meteredWh: -900n },
            { slot: 8, meteredWh: 100n },
        ];
        const estimated = [{ mspId: 'H3MSP', settlement: { slots: [{ meteredWh: -500n }, { meteredWh: -400n }] } }];
        const silent = new Map([['H3MSP', [-200n, 50n]]]);
        expect(passedMeters(sums, estimated, silent, [[-10n, 0n]])).toEqual([
            { slot: 7, netWh: -610n },
            { slot: 8, netWh: 550n },
        ]);
        expect(passedMeters(sums, estimated, new Map()).map(({ netWh }) => netWh)).toEqual([-900n, 100n]);
    });
});
