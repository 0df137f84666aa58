import type { msp } from '@hyperledger/fabric-protos';
import type { Identity } from '../msp';
import { unfoldPrincipal, type Principal } from './principals';
import type { NodeRole } from './units';

/**
 * Some identity of this organisation in this role, no matter which: with it `evaluateIdentities` answers whether a policy could be
 * satisfied, which is how endorsements are planned. It verifies nothing.
 */
export function imaginedIdentity(mspId: string, role: NodeRole): Identity {
    const matches = (principal: Principal): boolean =>
        principal.kind === 'anyIdentity' ||
        (principal.kind === 'role' &&
            principal.mspId === mspId &&
            (principal.role === role || principal.role === 'member'));
    return {
        mspId,
        certificatePem: '',
        id: `some ${role}`,
        notAfter: new Date(8.64e15),
        role,
        isAdmin: role === 'admin',
        refusal: undefined,
        verify: () => false,
        satisfies: (principal: msp.MSPPrincipal) => unfoldPrincipal(principal).every(matches),
        matches,
    };
}
