import { describe, expect, it } from '@jest/globals';
import type { AttestationRecord, ContractRecord, PurchaseRecord } from '@commonwatt/chaincode/api/records';
import { netsOf } from '../data/meter-day';
import { contractFacts, energyOf, withContracts, type DayContracts } from './contract-energy';

const at = { slot: 10, id: 's1' };
const offer = { version: 1, seller: 'A', storage: 'S', energyWh: 360n, price: 100n, feeNanos: 7n, deliverySlot: 20 };
const statement = { buyer: 'B', paymentNanos: 36_000n };
const CONTRACTS = {
    attestations: [{ ...at, prosumer: 'A', storage: 'S', energyWh: 400n }],
    contracts: [{ ...at, status: 'offered', offer }],
    purchases: [{ ...at, ...offer, status: 'bought', statement }],
} as unknown as DayContracts & {
    attestations: AttestationRecord[];
    contracts: ContractRecord[];
    purchases: PurchaseRecord[];
};
const of = (mspId: string, counts = true) => [...energyOf(mspId, CONTRACTS, () => counts)];

describe('what contracts do to a meter and an account', () => {
    it.each([
        { who: 'seller', mspId: 'A', is: [[10, { contractedWh: 400n, receivedWh: 0n, paidNanos: -35_993n }]] },
        { who: 'buyer', mspId: 'B', is: [[20, { contractedWh: -360n, receivedWh: 360n, paidNanos: 36_000n }]] },
        {
            who: 'storage system',
            mspId: 'S',
            is: [
                [10, { contractedWh: -400n, receivedWh: 0n, paidNanos: 0n }],
                [20, { contractedWh: 360n, receivedWh: 0n, paidNanos: 0n }],
            ],
        },
        { who: 'bystander', mspId: 'C', is: [] },
    ])('of the $who', ({ mspId, is }) => {
        expect(of(mspId)).toEqual(is);
    });

    it('leaves the seller without money, and the buyer without energy, where it is not delivered', () => {
        expect(of('A', false)).toEqual([[10, { contractedWh: 400n, receivedWh: 0n, paidNanos: 0n }]]);
        expect(of('B', false)).toEqual([]);
    });

    it('adds what passes to the registers of the storage system, slot by slot', () => {
        const registers = { home: 'S', consumed: [0n, 1n, 2n, 3n], produced: [0n, 10n, 20n, 30n] };
        const contracts = new Map([
            [7, { contractedWh: -400n, receivedWh: 0n, paidNanos: 0n }],
            [9, { contractedWh: 360n, receivedWh: 0n, paidNanos: 0n }],
        ]);
        const seen = withContracts(registers, 7, contracts);
        expect(netsOf(seen)).toEqual([9n - 400n, 9n, 9n + 360n]);
        expect(seen.consumed).toEqual([0n, 401n, 402n, 403n]);
    });

    it('is told with the status of the purchase', () => {
        expect(contractFacts(CONTRACTS)).toEqual([
            {
                id: 's1',
                seller: 'A',
                buyer: 'B',
                storedIn: 10,
                deliveredIn: 20,
                takenWh: 400n,
                deliveredWh: 360n,
                price: 100n,
                paymentNanos: 36_000n,
                feeNanos: 7n,
                status: 'bought',
            },
        ]);
    });
});
