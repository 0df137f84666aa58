import type { msp } from '@hyperledger/fabric-protos';
import { MspError } from '../errors';

/** What a certificate's organisational unit makes of it; `undefined` where node OUs are not in use. */
export type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

interface Unit {
    readonly name: string;
    /** Hex id of the authorities who must stand behind it; empty: any of the MSP. */
    readonly certifiers: string;
}

/** Gives the id of the authorities that a configured certificate stands for. */
type CertifiersOf = (certificatePem: Uint8Array) => string;

function unitOf(identifier: msp.FabricOUIdentifier, certifiersOf: CertifiersOf): Unit {
    const pem = identifier.getCertificate_asU8();
    return {
        name: identifier.getOrganizationalUnitIdentifier(),
        certifiers: pem.length === 0 ? '' : certifiersOf(pem),
    };
}

/** The organisational units by which an MSP tells its clients, peers, administrators and orderers apart. */
export class NodeUnits {
    readonly isEnforced: boolean;
    readonly #units = new Map<NodeRole, Unit>();

    constructor(config: msp.FabricNodeOUs | undefined, certifiersOf: CertifiersOf) {
        const identifiers: readonly (readonly [NodeRole, msp.FabricOUIdentifier | undefined])[] = [
            ['client', config?.getClientOuIdentifier()],
            ['peer', config?.getPeerOuIdentifier()],
            ['admin', config?.getAdminOuIdentifier()],
            ['orderer', config?.getOrdererOuIdentifier()],
        ];
        for (const [role, identifier] of identifiers) {
            if (identifier !== undefined) this.#units.set(role, unitOf(identifier, certifiersOf));
        }
        this.isEnforced = (config?.getEnable() ?? false) && this.#units.size > 0;
    }

    defines(role: NodeRole): boolean {
        return this.#units.has(role);
    }

    /** True if one of these units is the role's; says nothing about who certified them. */
    has(units: readonly string[], role: NodeRole): boolean {
        const unit = this.#units.get(role);
        return this.isEnforced && unit !== undefined && units.includes(unit.name);
    }

    /** The one role these units give. Throws MspError if it is none or more than one, or certified by the wrong authority. */
    classify(units: readonly string[], certifiers: string): NodeRole {
        const roles: NodeRole[] = [];
        for (const name of units) {
            const found = this.#lastNamed(name);
            if (found === undefined) continue;
            const [role, unit] = found;
            if (unit.certifiers !== '' && unit.certifiers !== certifiers) {
                throw new MspError(`unit '${name}' was not certified by the authority it belongs to`);
            }
            roles.push(role);
        }
        const [role] = roles;
        if (role === undefined) throw new MspError('none of its units is that of a client, peer, orderer or admin');
        if (roles.length > 1) throw new MspError(`must have one role, not ${roles.join(' and ')}`);
        return role;
    }

    /** Where two roles share a name, the later one decides about the certifiers. */
    #lastNamed(name: string): readonly [NodeRole, Unit] | undefined {
        return [...this.#units].findLast(([, unit]) => unit.name === name);
    }
}

/** Units of which a member has to have one, where the configuration lists any. */
export class RequiredUnits {
    readonly #units: readonly Unit[];

    constructor(identifiers: readonly msp.FabricOUIdentifier[], certifiersOf: CertifiersOf) {
        this.#units = identifiers.map((identifier) => ({
            name: identifier.getOrganizationalUnitIdentifier(),
            certifiers: certifiersOf(identifier.getCertificate_asU8()),
        }));
    }

    /** Throws MspError. */
    check(units: readonly string[], certifiers: string): void {
        if (this.#units.length === 0) return;
        const isListed = this.#units.some((unit) => unit.certifiers === certifiers && units.includes(unit.name));
        if (!isListed) throw new MspError(`none of its organisational units [${units.join(', ')}] is known to the MSP`);
    }
}
