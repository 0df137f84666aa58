import type { common } from '@hyperledger/fabric-protos';
import { coalitionRule } from '../coalitions';
import { and, signaturePolicyEnvelope, signedBy, type PrincipalRole } from '../policy';

/**
 * Satisfied by more than two thirds of the seats' weight, in this role: `orderer` for blocks (`BlockValidation`), `admin` for changes of
 * the ordering. Equal seats in the same order give equal bytes. Throws RangeError for seats without any weight.
 */
export function seatPolicy(
    seats: readonly { readonly mspId: string; readonly weight: bigint }[],
    role: PrincipalRole,
): common.SignaturePolicyEnvelope {
    const [only] = seats;
    const rule =
        seats.length === 1 && only !== undefined && only.weight > 0n
            ? and(signedBy(only.mspId, role))
            : coalitionRule(seats, role);
    return signaturePolicyEnvelope(rule);
}
