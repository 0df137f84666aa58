import { msp } from '@hyperledger/fabric-protos';
import { BoundedCache } from './bounded-cache';
import { curveOf } from './encoding/ecdsa';
import { MspError } from './errors';
import { Authorities, tlsAuthorities } from './identities/authorities';
import { Certificate } from './identities/certificate';
import { certifiersId } from './identities/chain';
import { unfoldPrincipal, type MspRole, type Principal } from './identities/principals';
import { NodeUnits, RequiredUnits, type NodeRole } from './identities/units';
import { verifySignature } from './signing';
import { decode } from './wire';

export type { MspRole, Principal } from './identities/principals';
export type { NodeRole } from './identities/units';
export { imaginedIdentity } from './identities/imagined';

/** A certificate that leads to an authority of its MSP. */
export interface Identity {
    readonly mspId: string;
    readonly certificatePem: string;
    /** Hex SHA-256 of the certificate: tells two identities apart, however they are serialised. */
    readonly id: string;
    /** Not looked at by the MSP (as in Fabric): endorser and broadcast refuse who is past it. */
    readonly notAfter: Date;
    readonly role: NodeRole | undefined;
    readonly isAdmin: boolean;
    /** Why the MSP does not accept it (revoked, no role …); such an identity satisfies no role. */
    readonly refusal: string | undefined;
    verify(message: Uint8Array, signature: Uint8Array): boolean;
    satisfies(principal: msp.MSPPrincipal): boolean;
    /** As `satisfies`, for principals unfolded before. */
    matches(principal: Principal): boolean;
}

/** Whatever turns serialised identities into identities. */
export interface IdentitySource {
    /** Throws MspError for all the MSP does not accept. */
    identity(serialized: Uint8Array): Identity;
    /** Throws MspError only for what is no certificate of the MSP; the rest carries its refusal. This is what policies look at. */
    deserialize(serialized: Uint8Array): Identity;
}

interface Standing {
    readonly certifiers: string;
    readonly role: NodeRole | undefined;
    readonly refusal: string | undefined;
}

class Member implements Identity {
    readonly mspId: string;
    readonly id: string;
    readonly notAfter: Date;
    readonly role: NodeRole | undefined;
    readonly refusal: string | undefined;
    readonly #msp: Msp;
    readonly #certificate: Certificate;
    readonly #certifiers: string;

    constructor(ofMsp: Msp, certificate: Certificate, standing: Standing) {
        this.mspId = ofMsp.mspId;
        this.id = certificate.id;
        this.notAfter = certificate.notAfter;
        this.role = standing.role;
        this.refusal = standing.refusal;
        this.#msp = ofMsp;
        this.#certificate = certificate;
        this.#certifiers = standing.certifiers;
    }

    get certificatePem(): string {
        return this.#certificate.pem;
    }

    get isAdmin(): boolean {
        return this.#hasRole('admin');
    }

    verify(message: Uint8Array, signature: Uint8Array): boolean {
        return verifySignature(this.#certificate.publicKey, message, signature);
    }

    satisfies(principal: msp.MSPPrincipal): boolean {
        return unfoldPrincipal(principal).every((part) => this.matches(part));
    }

    matches(principal: Principal): boolean {
        switch (principal.kind) {
            case 'role':
                return principal.mspId === this.mspId && this.#hasRole(principal.role);
            case 'unit':
                return principal.mspId === this.mspId && this.#hasUnit(principal.unit, principal.certifiers);
            case 'identity':
                return this.#isSameAs(principal.serialized);
            case 'anyIdentity':
                return true;
            case 'nobody':
                return false;
        }
    }

    #hasRole(role: MspRole | undefined): boolean {
        if (role === 'admin' && this.#msp.lists(this.id)) return true;
        if (role === undefined || this.refusal !== undefined) return false;
        return role === 'member' || this.#msp.units.has(this.#certificate.organisationalUnits, role);
    }

    #hasUnit(unit: string, certifiers: string): boolean {
        const isOfUnit = this.#certificate.organisationalUnits.includes(unit);
        return this.refusal === undefined && isOfUnit && certifiers === this.#certifiers;
    }

    #isSameAs(serialized: Uint8Array): boolean {
        try {
            return this.refusal === undefined && this.#msp.deserialize(serialized).id === this.id;
        } catch {
            return false;
        }
    }
}

/** More certificates than a community shows in a day; an entry is some kilobytes. */
const IDENTITIES_KEPT = 1_000;
const FABRIC_TYPE = 0;

/** One organisation's rules for who is a member and in which role: a Fabric MSP at the level of capability V3_0. */
export class Msp implements IdentitySource {
    readonly mspId: string;
    /** PEM, one after the other, of the roots and intermediates of the TLS authority. */
    readonly tlsRoots: readonly string[];
    readonly roots: readonly string[];
    readonly units: NodeUnits;
    readonly #authorities: Authorities;
    readonly #requiredUnits: RequiredUnits;
    readonly #admins: ReadonlySet<string>;
    readonly #kept = new BoundedCache<string, Member>(IDENTITIES_KEPT);

    /** Throws MspError when Fabric's peers would refuse the configuration. */
    constructor(config: msp.MSPConfig) {
        if (config.getType() !== FABRIC_TYPE) throw new MspError(`MSP type ${config.getType()} is not supported`);
        const fabric = decode(msp.FabricMSPConfig, config.getConfig_asU8(), 'FabricMSPConfig');
        this.mspId = fabric.getName();
        this.#authorities = new Authorities(fabric);
        this.roots = this.#authorities.roots.map(({ pem }) => pem);
        this.tlsRoots = tlsAuthorities(fabric);
        const certifiersOf = (pem: Uint8Array): string => this.#authorities.certifiersOf(pem);
        this.#requiredUnits = new RequiredUnits(fabric.getOrganizationalUnitIdentifiersList(), certifiersOf);
        this.units = new NodeUnits(fabric.getFabricNodeOus(), certifiersOf);
        this.#admins = this.#listedAdmins(fabric.getAdminsList_asU8());
    }

    identity(serialized: Uint8Array): Identity {
        const identity = this.deserialize(serialized);
        if (identity.refusal !== undefined) throw new MspError(identity.refusal);
        return identity;
    }

    deserialize(serialized: Uint8Array): Identity {
        const { mspId, pem } = readSerialized(serialized);
        if (mspId !== this.mspId) throw new MspError(`expected MSP ID ${this.mspId}, received ${mspId}`);
        return this.ofPem(pem);
    }

    /** The identity of a certificate said to be of this MSP. */
    ofPem(pem: Uint8Array): Identity {
        return this.#kept.remember(Buffer.from(pem).toString('latin1'), () => this.#judge(Certificate.fromPem(pem)));
    }

    /** True for administrators named one by one in the configuration. */
    lists(id: string): boolean {
        return this.#admins.has(id);
    }

    #judge(given: Certificate): Member {
        const certificate = this.#authorities.sanitize(given);
        return new Member(this, certificate, this.#standing(certificate));
    }

    #standing(certificate: Certificate): Standing {
        let certifiers = '';
        try {
            if (curveOf(certificate.publicKey) === undefined && certificate.publicKey.asymmetricKeyType !== 'ed25519') {
                throw new MspError('the kind of public key is not supported');
            }
            const chain = this.#authorities.memberChain(certificate);
            certifiers = certifiersId(chain.slice(1));
            this.#authorities.checkNotRevoked(certificate, chain);
            this.#requiredUnits.check(certificate.organisationalUnits, certifiers);
            const role = this.units.isEnforced
                ? this.units.classify(certificate.organisationalUnits, certifiers)
                : undefined;
            return { certifiers, role, refusal: undefined };
        } catch (error) {
            if (!(error instanceof MspError)) throw error;
            const refusal = `identity '${certificate.commonName}' of ${this.mspId} is not valid: ${error.message}`;
            return { certifiers, role: undefined, refusal };
        }
    }

    #listedAdmins(pems: readonly Uint8Array[]): ReadonlySet<string> {
        if (pems.length === 0 && !(this.units.isEnforced && this.units.defines('admin'))) {
            throw new MspError(`administrators of ${this.mspId} must be declared when no admin unit is set`);
        }
        const ids = new Set<string>();
        for (const pem of pems) {
            const given = Certificate.fromPem(pem);
            const certificate = this.#authorities.sanitize(given);
            const { organisationalUnits: units } = certificate;
            const refusal = this.units.isEnforced
                ? !this.units.has(units, 'client') && !this.units.has(units, 'admin')
                : this.#standing(certificate).refusal !== undefined;
            if (refusal) throw new MspError(`administrator '${certificate.commonName}' of ${this.mspId} is not valid`);
            ids.add(certificate.id);
        }
        return ids;
    }
}

function readSerialized(serialized: Uint8Array): { mspId: string; pem: Uint8Array } {
    try {
        const message = msp.SerializedIdentity.deserializeBinary(serialized);
        return { mspId: message.getMspid(), pem: message.getIdBytes_asU8() };
    } catch {
        throw new MspError('could not deserialize a SerializedIdentity');
    }
}

/** All MSPs of a channel. */
export class MspManager implements IdentitySource {
    readonly mspIds: readonly string[];
    readonly #msps: ReadonlyMap<string, Msp>;
    readonly #kept = new BoundedCache<string, Identity>(IDENTITIES_KEPT);

    constructor(msps: readonly Msp[]) {
        this.#msps = new Map(msps.map((one) => [one.mspId, one]));
        this.mspIds = [...this.#msps.keys()];
    }

    get(mspId: string): Msp | undefined {
        return this.#msps.get(mspId);
    }

    identity(serialized: Uint8Array): Identity {
        const identity = this.deserialize(serialized);
        if (identity.refusal !== undefined) throw new MspError(identity.refusal);
        return identity;
    }

    deserialize(serialized: Uint8Array): Identity {
        return this.#kept.remember(Buffer.from(serialized).toString('latin1'), () => {
            const { mspId, pem } = readSerialized(serialized);
            const found = this.#msps.get(mspId);
            if (found === undefined) throw new MspError(`MSP ${mspId} is not defined on channel`);
            return found.ofPem(pem);
        });
    }
}
