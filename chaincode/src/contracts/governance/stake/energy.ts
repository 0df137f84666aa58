import { keyName, settlementKey } from '../../../api/keys';
import type { Charter, EpochRecord, SettlementRecord } from '../../../api/records';
import { ownerStatement } from '../../../api/statements';
import { encodeBytes } from '../../../api/wire';
import { memberNamed } from '../../../domain/community/roster';
import { sha256Hex, verifySignature } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { matchedEnergy, tokensOf } from '../../../domain/stake/energy';
import { charterAt, requireLawfulVersion } from '../../../ledger/charter-view';
import { readSettlementEvidence } from '../../../ledger/market-call';
import { partiesPolicy, roundPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';

/**
 * The tokens of a household's settled day. The settlement is checked against the marker that the market has of it, and the marker's
 * policy against the one computed from governance, because the first write of a key stands under no policy of its own.
 * Refuses DAY_UNKNOWN, SETTLEMENT_MISSING, COMMITTEE_MISSING, KEY_POLICY_WRONG, OPENING_MISMATCH, SIGNATURE_INVALID.
 */
export async function tokensFor(
    ctx: TransactionContext,
    charter: Charter,
    { energyDay, parameters }: EpochRecord,
    mspId: string,
    settlement: SettlementRecord,
): Promise<bigint> {
    const { first } = findDay(charter, energyDay) ?? refuse('DAY_UNKNOWN', energyDay);
    const evidence = await readSettlementEvidence(ctx.stub, { day: energyDay, first, mspId });
    const round = evidence.round ?? refuse('DAY_UNKNOWN', `${energyDay} was not opened`);
    const hash = evidence.hash ?? refuse('SETTLEMENT_MISSING', `${mspId} on ${energyDay}`);
    requireLawfulVersion(charter, first, round.charterVersion);
    const view = charterAt(charter, round.charterVersion);
    const policies = [
        [round.policyHash, roundPolicy(view, energyDay, first)],
        [evidence.policyHash, partiesPolicy(view, mspId, first)],
    ] as const;
    if (policies.some(([found, expected]) => found !== sha256Hex(expected))) {
        refuse('KEY_POLICY_WRONG', keyName(settlementKey(energyDay, mspId)));
    }
    requireOpening(charter, settlement, hash, energyDay, mspId);
    const slots = settlement.slots.map(({ meteredWh, soldWh, readingKind }) => ({
        meteredWh,
        soldWh,
        isEstimated: readingKind === 'estimated',
    }));
    return tokensOf(matchedEnergy(slots), parameters.energyStepWh);
}

function requireOpening(charter: Charter, record: SettlementRecord, hash: string, day: string, mspId: string): void {
    if (sha256Hex(encodeBytes(record)) !== hash || record.day !== day || record.mspId !== mspId) {
        refuse('OPENING_MISMATCH', keyName(settlementKey(day, mspId)));
    }
    const owner = memberNamed(charter.members, mspId)?.ownerKey ?? '';
    const key = record.signedBy === 'operator' ? charter.operatorKey : owner;
    if (!verifySignature(key, ownerStatement(record), record.signature)) {
        refuse('SIGNATURE_INVALID', record.key);
    }
}
