import { describe, expect, it } from '@jest/globals';
import { Refusal, type RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { TransactionRefused } from '../gateway/failures';
import { onceCaughtUp } from './catching-up';

const refused = (code: RefusalCode): TransactionRefused =>
    new TransactionRefused({ transaction: 'x', transactionId: 'x' }, new Refusal(code, 'test'), ['H1MSP']);

async function attempts(code: RefusalCode, failing: number): Promise<number> {
    let asked = 0;
    await onceCaughtUp(() => {
        asked += 1;
        return asked <= failing ? Promise.reject(refused(code)) : Promise.resolve();
    });
    return asked;
}

describe('a transaction that follows one at another peer', () => {
    it('is asked for again until that has been heard of', async () => {
        expect(await attempts('ATTESTATION_UNKNOWN', 2)).toBe(3);
        expect(await attempts('CONTRACT_STATUS_WRONG', 0)).toBe(1);
    });

    it('is not asked for again where it is refused for another reason', async () => {
        await expect(attempts('ATTESTATION_MISSING', 1)).rejects.toMatchObject({
            refusal: { code: 'ATTESTATION_MISSING' },
        });
    });
});
