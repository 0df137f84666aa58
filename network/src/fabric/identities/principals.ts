import { msp } from '@hyperledger/fabric-protos';
import { decode } from '../wire';

export type MspRole = 'member' | 'admin' | 'client' | 'peer' | 'orderer';

/** A principal unfolded once, so that policies do not decode it for each identity they look at. */
export type Principal =
    | { readonly kind: 'role'; readonly mspId: string; readonly role: MspRole | undefined }
    | { readonly kind: 'unit'; readonly mspId: string; readonly unit: string; readonly certifiers: string }
    | { readonly kind: 'identity'; readonly serialized: Uint8Array }
    | { readonly kind: 'anyIdentity' }
    | { readonly kind: 'nobody' };

const ROLES: ReadonlyMap<number, MspRole> = new Map([
    [msp.MSPRole.MSPRoleType.MEMBER, 'member'],
    [msp.MSPRole.MSPRoleType.ADMIN, 'admin'],
    [msp.MSPRole.MSPRoleType.CLIENT, 'client'],
    [msp.MSPRole.MSPRoleType.PEER, 'peer'],
    [msp.MSPRole.MSPRoleType.ORDERER, 'orderer'],
]);
const ROLE_NUMBERS: ReadonlyMap<MspRole, msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap]> = new Map([
    ['member', msp.MSPRole.MSPRoleType.MEMBER],
    ['admin', msp.MSPRole.MSPRoleType.ADMIN],
    ['client', msp.MSPRole.MSPRoleType.CLIENT],
    ['peer', msp.MSPRole.MSPRoleType.PEER],
    ['orderer', msp.MSPRole.MSPRoleType.ORDERER],
]);
const NOBODY: readonly Principal[] = [{ kind: 'nobody' }];
const DEEPEST_COMBINATION = 32;

/** All of these have to be satisfied. A principal that cannot be read is satisfied by nobody, as in Fabric: it is no error. */
export function unfoldPrincipal(principal: msp.MSPPrincipal, depth = 0): readonly Principal[] {
    try {
        return unfold(principal, depth);
    } catch {
        return NOBODY;
    }
}

function unfold(principal: msp.MSPPrincipal, depth: number): readonly Principal[] {
    const bytes = principal.getPrincipal_asU8();
    switch (principal.getPrincipalClassification()) {
        case msp.MSPPrincipal.Classification.ROLE: {
            const role = decode(msp.MSPRole, bytes, 'MSPRole');
            return [{ kind: 'role', mspId: role.getMspIdentifier(), role: ROLES.get(role.getRole()) }];
        }
        case msp.MSPPrincipal.Classification.ORGANIZATION_UNIT: {
            const unit = decode(msp.OrganizationUnit, bytes, 'OrganizationUnit');
            const certifiers = Buffer.from(unit.getCertifiersIdentifier_asU8()).toString('hex');
            const name = unit.getOrganizationalUnitIdentifier();
            return [{ kind: 'unit', mspId: unit.getMspIdentifier(), unit: name, certifiers }];
        }
        case msp.MSPPrincipal.Classification.IDENTITY:
            return [{ kind: 'identity', serialized: bytes }];
        case msp.MSPPrincipal.Classification.ANONYMITY: {
            const anonymity = decode(msp.MSPIdentityAnonymity, bytes, 'MSPIdentityAnonymity').getAnonymityType();
            return anonymity === msp.MSPIdentityAnonymity.MSPIdentityAnonymityType.NOMINAL
                ? [{ kind: 'anyIdentity' }]
                : NOBODY;
        }
        case msp.MSPPrincipal.Classification.COMBINED: {
            const parts = decode(msp.CombinedPrincipal, bytes, 'CombinedPrincipal').getPrincipalsList();
            if (parts.length === 0 || depth >= DEEPEST_COMBINATION) return NOBODY;
            return parts.flatMap((part) => unfoldPrincipal(part, depth + 1));
        }
        default:
            return NOBODY;
    }
}

export function rolePrincipal(mspId: string, role: MspRole): msp.MSPPrincipal {
    const message = new msp.MSPRole();
    message.setMspIdentifier(mspId);
    message.setRole(ROLE_NUMBERS.get(role) ?? msp.MSPRole.MSPRoleType.MEMBER);
    const principal = new msp.MSPPrincipal();
    principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
    principal.setPrincipal(message.serializeBinary());
    return principal;
}
