import { describe, expect, it } from '@jest/globals';
import { PlainEvidence } from '../testing/evidence';
import { checkBill } from './check-bill';

const wrong = (result: ReturnType<typeof checkBill>): number[] =>
    result.lines.flatMap(({ isSame }, index) => (isSame ? [] : [index]));

describe('checking a bill', () => {
    it('comes to the same where the bill is right, line by line', () => {
        const result = checkBill(new PlainEvidence().json());
        expect(result).toMatchObject({
            isSame: true,
            missing: [],
            findings: [],
            due: { isSame: true },
            taxes: { isSame: true },
            counted: { readings: 4, orders: 2, rounds: 4, unread: 0 },
        });
        expect(result.lines.length).toBeGreaterThan(5);
        expect(wrong(result)).toEqual([]);
    });

    it('marks the one line that asks for more, and what is due', () => {
        const evidence = new PlainEvidence();
        const index = evidence.bill.lines.findIndex(({ item }) => item === 'retail');
        const line = evidence.line(index);
        const worked = BigInt(line.amountNanos);
        line.amountNanos = (worked - 20_000_000n).toString();
        evidence.bill.dueMinor = (BigInt(evidence.bill.dueMinor) + 2n).toString();
        const result = checkBill(evidence.json());
        expect([result.isSame, wrong(result), result.due.isSame]).toEqual([false, [index], false]);
        expect(result.lines[index]?.worked.amountNanos).toBe(worked);
    });

    it('tells of energy that nobody metered', () => {
        const evidence = new PlainEvidence();
        const line = evidence.line(evidence.bill.lines.findIndex(({ item }) => item === 'feedIn'));
        line.energyWh = (BigInt(line.energyWh) - 1n).toString();
        expect(checkBill(evidence.json()).isSame).toBe(false);
    });

    it('tells of lines that are missing and of lines that ought not to be there', () => {
        const evidence = new PlainEvidence();
        const [removed] = evidence.bill.lines.splice(0, 1);
        const result = checkBill(evidence.json());
        expect([result.isSame, result.missing.map(({ item }) => item)]).toEqual([false, [removed?.item]]);
        const more = new PlainEvidence();
        more.bill.lines.push({ ...more.line(0), charge: 'invented', amountNanos: '0' });
        expect(wrong(checkBill(more.json()))).toEqual([more.bill.lines.length - 1]);
    });

    it('tells of taxes that do not follow from the lines', () => {
        const evidence = new PlainEvidence();
        const [tax] = evidence.bill.taxes;
        expect(tax).toBeDefined();
        Object.assign(tax ?? {}, { taxMinor: '7' });
        expect(checkBill(evidence.json())).toMatchObject({ isSame: false, taxes: { isSame: false } });
    });

    it('finds a reading that was settled with other energy, and bills what the meter says', () => {
        const evidence = new PlainEvidence();
        evidence.settledSlot(2).meteredWh = '-999';
        expect(checkBill(evidence.json()).findings).toEqual([{ slot: evidence.first + 2, kind: 'reading' }]);
    });

    it('finds a record that is not what the registers show', () => {
        const evidence = new PlainEvidence();
        Object.assign(evidence.reading(1).spans[0]?.consumption ?? {}, { endWh: '123456' });
        expect(checkBill(evidence.json()).findings).toEqual([{ slot: evidence.first + 1, kind: 'meter' }]);
    });

    it('finds a trade that the public result does not have', () => {
        const evidence = new PlainEvidence();
        evidence.settledSlot(0).boughtWh = '301';
        expect(checkBill(evidence.json()).findings).toEqual([{ slot: evidence.first, kind: 'trade' }]);
    });

    it('finds a result that does not open with the salt of the order', () => {
        const evidence = new PlainEvidence();
        evidence.order(0).salt = '6b'.repeat(32);
        expect(checkBill(evidence.json()).findings).toContainEqual({ slot: evidence.first, kind: 'result' });
    });

    it('counts the slots for which there is no reading of our own', () => {
        const evidence = new PlainEvidence();
        evidence.removeReading(3);
        expect(checkBill(evidence.json())).toMatchObject({ isSame: true, counted: { readings: 3, unread: 1 } });
    });

    it('takes nothing that is not evidence', () => {
        expect(() => checkBill({ ...new PlainEvidence().json(), mspId: '<script>' })).toThrow();
    });
});
