import { describe, expect, it } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import { VALIDATION_CODES, VALIDATION_WORDS, validationCode } from './validation-codes';

describe('the words for what became of a transaction', () => {
    it("are there for every code of Fabric's, under its name", () => {
        const fabric = Object.entries(peer.TxValidationCode).map(([name, code]) => [String(code), name]);
        expect(Object.entries(VALIDATION_CODES)).toEqual(fabric);
        expect(Object.keys(VALIDATION_WORDS).sort()).toEqual([...fabric.map(([, name]) => name), 'UNKNOWN'].sort());
    });

    it('say what to do wherever it was not accepted', () => {
        for (const [code, { meaning, advice }] of Object.entries(VALIDATION_WORDS)) {
            expect(meaning).toMatch(/\.$/);
            expect([code, advice === '']).toEqual([code, code === 'VALID']);
        }
    });

    it('exist for codes of versions to come', () => {
        expect(validationCode(11)).toBe('MVCC_READ_CONFLICT');
        expect(validationCode(77)).toBe('UNKNOWN');
    });
});
