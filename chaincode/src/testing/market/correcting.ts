import { markerOfCorrection } from '../../api/corrections';
import { keyName, readingKey } from '../../api/keys';
import type { CorrectionDraft, CorrectionRecord } from '../../api/records';
import { ownerStatement } from '../../api/statements';
import { DAY, DSO, ownerKey, reading, span, type TestCommunity } from '../community';
import { testSalt } from '../identities';

/** A correction and its marker, signed by its owner. */
export function signedCorrection(draft: CorrectionDraft): {
    readonly correction: CorrectionRecord;
    readonly signatures: { readonly signature: string; readonly markerSignature: string };
} {
    const key = ownerKey(draft.mspId);
    const correction = { ...draft, signature: key.sign(ownerStatement(draft)) };
    const markerSignature = key.sign(ownerStatement(markerOfCorrection(correction)));
    return { correction, signatures: { signature: correction.signature, markerSignature } };
}

/** A household's reading of a slot is corrected, and so is its day, after all corrections before. */
export async function correctedDay(
    community: TestCommunity,
    mspId: string,
    slot: number,
    netWh: bigint,
    { day = DAY, version = 2, corrections = [] as CorrectionRecord[] } = {},
): Promise<CorrectionRecord> {
    const spans = [span(mspId, slot, { consumption: [0n, -netWh] })];
    const given = reading(mspId, slot, netWh, spans, {
        key: keyName(readingKey(mspId, day, slot)),
        version,
        reason: 'misread',
    });
    await community.recordReadings(mspId, [given]);
    const settlement = await community.query('billing:ownSettlement', { day }, { by: mspId });
    const inputs = {
        settlement,
        corrections,
        readings: [given],
        salt: testSalt(`correction ${corrections.length} of ${mspId}`),
    };
    const args = { day, mspId };
    const draft = await community.query('corrections:draft', args, { by: mspId, transient: inputs });
    const { correction, signatures } = signedCorrection(draft);
    const options = { by: mspId, endorsers: [mspId, DSO], transient: { ...inputs, ...signatures } };
    await community.submit('corrections:record', args, options);
    return correction;
}
