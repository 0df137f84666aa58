import type { AttestationRecord, Charter, DeliveryStatement, Member } from '../../../api/records';
import { ownerStatement } from '../../../api/statements';
import { sha256Hex, verifySignature } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { readAttestationEvidence } from '../../../ledger/market-call';
import { attestationPolicy, isAttested } from '../../market/storage/found';
import type { TransactionContext } from '../../transaction-context';

/**
 * A storage system that signs the release or delivery of a purchase says with it that it took the energy in before. It approves a sale without
 * attestation where the market's ledger has none under the purchase's name, or one of less energy. Returns the day of the attestation
 * that there is not. Refuses EVIDENCE_INVALID.
 */
export async function requireUnattestedSale(
    ctx: TransactionContext,
    charter: Charter,
    { mspId, ownerKey }: Member,
    statement: DeliveryStatement,
): Promise<string> {
    if (!verifySignature(ownerKey, ownerStatement(statement), statement.signature)) {
        refuse('EVIDENCE_INVALID', `the delivery is not signed by ${mspId}`);
    }
    const lot = lotOf(statement.key);
    const { attestation, policyHash } = await readAttestationEvidence(ctx.stub, lot);
    const counts =
        attestation?.storage === mspId &&
        isAttested(charter, lot.day, attestation) &&
        policyHash === sha256Hex(attestationPolicy(charter, attestation));
    if (counts && covers(attestation, statement)) {
        refuse('EVIDENCE_INVALID', `${attestation.key} covers it`);
    }
    return lot.day;
}

/** The attestation's key is in the purchase's. */
function lotOf(key: string): { day: string; slot: number; id: string } {
    const [, day = '', slot = '', id = ''] =
        /^purchase\/(\d{4}-\d{2}-\d{2})\/(\d{10})\/([A-Za-z0-9][A-Za-z0-9-]{0,11})\/\d+$/.exec(key) ??
        refuse('EVIDENCE_INVALID', 'the statement is of no purchase');
    return { day, slot: Number(slot), id };
}

const covers = ({ energyWh }: AttestationRecord, sold: DeliveryStatement): boolean => energyWh >= sold.energyWh;
