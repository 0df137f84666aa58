import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as x509 from '@peculiar/x509';
import { msp } from '@hyperledger/fabric-protos';
import { TAG, element, readElement, readTagged } from './encoding/der';
import { MspError } from './errors';
import { rolePrincipal, type MspRole } from './identities/principals';
import { imaginedIdentity, Msp, MspManager } from './msp';
import { serializeIdentity } from './signing';
import { TestAuthority, mspConfig, otherForm, signerOf, type Credential } from './testing/certificates';

const ROLES: readonly MspRole[] = ['member', 'admin', 'client', 'peer', 'orderer'];

let root: TestAuthority;
let stranger: TestAuthority;
let peer: Credential;
let admin: Credential;
let middle: TestAuthority;

beforeAll(async () => {
    root = await TestAuthority.create('ca.h1');
    stranger = await TestAuthority.create('ca.h1');
    peer = await root.issue('peer0', { units: ['peer'] });
    admin = await root.issue('Admin', { units: ['admin'] });
    middle = await root.issueAuthority('middle');
});

const h1 = (options: Partial<Parameters<typeof mspConfig>[1]> = {}): Msp =>
    new Msp(mspConfig('H1MSP', { roots: [root.pem], ...options }));
const serialized = ({ pem }: { pem: string }): Uint8Array => serializeIdentity('H1MSP', pem);
const rolesOf = (one: Msp, credential: { pem: string }): MspRole[] => {
    const identity = one.deserialize(serialized(credential));
    return ROLES.filter((role) => identity.satisfies(rolePrincipal('H1MSP', role)));
};

describe('node OUs', () => {
    test.each([
        { units: ['client'], roles: ['member', 'client'] },
        { units: ['peer'], roles: ['member', 'peer'] },
        { units: ['admin'], roles: ['member', 'admin'] },
        { units: ['orderer'], roles: ['member', 'orderer'] },
        { units: ['peer', 'houses'], roles: ['member', 'peer'] },
        { units: [], roles: [] },
        { units: ['houses'], roles: [] },
        { units: ['peer', 'orderer'], roles: [] },
        { units: ['peer', 'peer'], roles: [] },
    ])('units $units give the roles $roles', async ({ units, roles }) => {
        expect(rolesOf(h1(), await root.issue('someone', { units }))).toEqual(roles);
    });

    test('a role is one of its own MSP only', () => {
        const identity = h1().identity(serialized(peer));
        expect(identity.satisfies(rolePrincipal('H2MSP', 'peer'))).toBe(false);
        expect([identity.role, identity.isAdmin]).toEqual(['peer', false]);
        expect(h1().identity(serialized(admin)).isAdmin).toBe(true);
    });

    test('without node OUs there are members, and the administrators listed', async () => {
        const plain = h1({ nodeUnits: 'off', admins: [admin.pem] });
        expect(rolesOf(plain, peer)).toEqual(['member']);
        expect(rolesOf(plain, admin)).toEqual(['member', 'admin']);
        expect(rolesOf(plain, await root.issue('Other', { units: ['admin'] }))).toEqual(['member']);
    });

    test('a unit bound to an authority counts only below it', async () => {
        const one = await root.issueAuthority('one');
        const two = await root.issueAuthority('two');
        const boss = await one.issue('boss', { units: ['client'] });
        const bound = h1({
            intermediates: [one.pem, two.pem],
            nodeUnits: { peer: one.pem, client: '' },
            admins: [boss.pem],
        });
        expect(rolesOf(bound, await one.issue('p', { units: ['peer'] }))).toEqual(['member', 'peer']);
        expect(rolesOf(bound, await two.issue('p', { units: ['peer'] }))).toEqual([]);
    });

    test('where units are required, members have one of them', async () => {
        const strict = h1({ requiredUnits: [['houses', root.pem]] });
        expect(rolesOf(strict, peer)).toEqual([]);
        expect(rolesOf(strict, await root.issue('p', { units: ['peer', 'houses'] }))).toEqual(['member', 'peer']);
    });
});

describe('chains', () => {
    test('a certificate of another authority with the same name is no identity', async () => {
        const forged = await stranger.issue('peer0', { units: ['peer'] });
        expect(() => h1().deserialize(serialized(forged))).toThrow(MspError);
    });

    test('an intermediate certifies, and its root no longer does', async () => {
        const below = await middle.issue('peer1', { units: ['peer'] });
        const tree = h1({ intermediates: [middle.pem] });
        expect(rolesOf(tree, below)).toEqual(['member', 'peer']);
        expect(rolesOf(tree, peer)).toEqual([]);
        expect(() => h1().deserialize(serialized(below))).toThrow('not from an authority');
    });

    test('a path length is kept', async () => {
        const short = await TestAuthority.create('short', { pathLength: 0 });
        const second = await short.issueAuthority('second');
        const below = await second.issue('p', { units: ['peer'] });
        const config = mspConfig('H1MSP', { roots: [short.pem], intermediates: [second.pem] });
        expect(() => new Msp(config).deserialize(serialized(below))).toThrow('not from an authority');
    });

    test.each([
        ['an authority', { isAuthority: true }, 'cannot be used as an identity'],
        ['an RSA key', { hasRsaKey: true }, 'public key is not supported'],
    ])('%s is refused as an identity', async (_name, options, why) => {
        const credential = await root.issue('odd', { units: ['peer'], ...options });
        expect(() => h1().identity(serialized(credential))).toThrow(why);
    });

    test.each([
        ['client authentication alone', [x509.ExtendedKeyUsage.clientAuth], false],
        ['server authentication', [x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth], true],
        ['any usage', ['2.5.29.37.0'], true],
    ])('an identity certificate for %s is accepted: %j → %s', async (_name, usages, isAccepted) => {
        const credential = await root.issue('used', { units: ['peer'], usages });
        const accept = (): unknown => h1().identity(serialized(credential));
        if (isAccepted) expect(accept).not.toThrow();
        else expect(accept).toThrow(MspError);
    });

    test('expiry is not looked at, but can be read', async () => {
        const notAfter = new Date('2026-02-01T00:00:00Z');
        const expired = await root.issue('old', { units: ['client'], notAfter });
        const identity = h1().identity(serialized(expired));
        expect(identity.notAfter).toEqual(notAfter);
        expect(identity.satisfies(rolePrincipal('H1MSP', 'client'))).toBe(true);
    });

    test('a certificate that begins before its authority does is refused', async () => {
        const early = await root.issue('early', { units: ['client'], notBefore: new Date('2025-01-01T00:00:00Z') });
        expect(() => h1().identity(serialized(early))).toThrow(MspError);
    });

    test('an authority without certSign among its usages certifies nobody', async () => {
        const powerless = await TestAuthority.create('powerless', { keyUsage: x509.KeyUsageFlags.cRLSign });
        const below = await powerless.issue('p', { units: ['peer'] });
        expect(() => new Msp(mspConfig('H1MSP', { roots: [powerless.pem] })).identity(serialized(below))).toThrow(
            MspError,
        );
    });

    test('the two forms of an authority’s signature give one identity', () => {
        const der = Buffer.from(peer.certificate.rawData);
        const tbs = readElement(readTagged(der, TAG.SEQUENCE).content);
        const algorithm = readElement(tbs.rest);
        const bits = readTagged(algorithm.rest, TAG.BIT_STRING);
        const flipped = element(TAG.BIT_STRING, Uint8Array.of(0), otherForm(bits.content.subarray(1)));
        const twin = x509.PemConverter.encode(element(TAG.SEQUENCE, tbs.raw, algorithm.raw, flipped), 'CERTIFICATE');
        const one = h1();
        const original = one.identity(serialized(peer));
        const other = one.identity(serializeIdentity('H1MSP', twin));
        expect(twin).not.toBe(peer.pem.trimEnd());
        expect(other.id).toBe(original.id);
        expect(other.certificatePem).toBe(original.certificatePem);
    });
});

describe('revocation', () => {
    test('a revoked certificate deserialises, is refused and satisfies nothing', async () => {
        const careful = h1({ revocations: [await root.revoke(peer)] });
        expect(() => careful.identity(serialized(peer))).toThrow('revoked');
        expect(careful.deserialize(serialized(peer)).refusal).toContain('revoked');
        expect(rolesOf(careful, peer)).toEqual([]);
        expect(rolesOf(careful, admin)).toEqual(['member', 'admin']);
    });

    test('a list of somebody else revokes nothing, even under the same name', async () => {
        const foreign = await stranger.revoke(peer);
        expect(rolesOf(h1({ revocations: [foreign] }), peer)).toEqual(['member', 'peer']);
    });

    test('a revoked intermediate spoils the configuration', async () => {
        const revocations = [await root.revoke(middle.credential)];
        expect(() => h1({ intermediates: [middle.pem], revocations })).toThrow('revoked');
    });
});

describe('configurations', () => {
    test.each([
        ['no root', () => ({ roots: [] }), 'at least one CA certificate'],
        ['a root that is no authority', () => ({ roots: [peer.pem] }), 'chain of length at least 2'],
        ['a root that another one signed', () => ({ roots: [middle.pem] }), 'chain of length at least 2'],
        ['a TLS root that is no authority', () => ({ roots: [root.pem], tlsRoots: [peer.pem] }), 'CA attribute'],
        ['no way to be an administrator', () => ({ roots: [root.pem], nodeUnits: 'off' as const }), 'must be declared'],
        ['a listed administrator who is a peer', () => ({ roots: [root.pem], admins: [peer.pem] }), 'is not valid'],
        ['no certificate at all', () => ({ roots: ['text'] }), 'PEM'],
    ])('%s is refused', (_name, options, why) => {
        expect(() => new Msp(mspConfig('H1MSP', options()))).toThrow(why);
    });

    test('a root given twice is one root', () => {
        expect(rolesOf(h1({ roots: [root.pem, root.pem] }), peer)).toEqual(['member', 'peer']);
    });

    test('an MSP of another type is refused', () => {
        const config = mspConfig('H1MSP', { roots: [root.pem] });
        config.setType(1);
        expect(() => new Msp(config)).toThrow('type 1');
    });
});

describe('principals', () => {
    const principalOf = (kind: number, bytes: Uint8Array): msp.MSPPrincipal => {
        const principal = new msp.MSPPrincipal();
        principal.setPrincipalClassification(kind as msp.MSPPrincipal.ClassificationMap['ROLE']);
        principal.setPrincipal(bytes);
        return principal;
    };
    const KIND = msp.MSPPrincipal.Classification;

    test('an identity principal is satisfied by that certificate alone', () => {
        const one = h1();
        const principal = principalOf(KIND.IDENTITY, serialized(peer));
        expect(one.identity(serialized(peer)).satisfies(principal)).toBe(true);
        expect(one.identity(serialized(admin)).satisfies(principal)).toBe(false);
        expect(one.identity(serialized(peer)).satisfies(principalOf(KIND.IDENTITY, Buffer.from('x')))).toBe(false);
    });

    test('a combined principal needs all of its parts, and at least one', () => {
        const identity = h1().identity(serialized(peer));
        const combined = (...parts: msp.MSPPrincipal[]): msp.MSPPrincipal => {
            const message = new msp.CombinedPrincipal();
            message.setPrincipalsList(parts);
            return principalOf(KIND.COMBINED, message.serializeBinary());
        };
        const [member, isPeer, client] = ['member', 'peer', 'client'].map((role) =>
            rolePrincipal('H1MSP', role as MspRole),
        ) as [msp.MSPPrincipal, msp.MSPPrincipal, msp.MSPPrincipal];
        expect(identity.satisfies(combined(member, isPeer))).toBe(true);
        expect(identity.satisfies(combined(member, combined(isPeer)))).toBe(true);
        expect(identity.satisfies(combined(member, client))).toBe(false);
        expect(identity.satisfies(combined())).toBe(false);
    });

    test('a unit principal names unit and authorities', () => {
        const one = h1();
        const authority = Buffer.from(one.roots[0]?.split('\n').slice(1, -2).join('') ?? '', 'base64');
        const unit = new msp.OrganizationUnit();
        unit.setMspIdentifier('H1MSP');
        unit.setOrganizationalUnitIdentifier('peer');
        unit.setCertifiersIdentifier(createHash('sha256').update(authority).digest());
        const principal = principalOf(KIND.ORGANIZATION_UNIT, unit.serializeBinary());
        expect(one.identity(serialized(peer)).satisfies(principal)).toBe(true);
        expect(one.identity(serialized(admin)).satisfies(principal)).toBe(false);
        unit.setCertifiersIdentifier(Uint8Array.of(1));
        const others = principalOf(KIND.ORGANIZATION_UNIT, unit.serializeBinary());
        expect(one.identity(serialized(peer)).satisfies(others)).toBe(false);
    });

    test('nobody is anonymous, everybody may be nominal, unreadable principals are satisfied by nobody', () => {
        const identity = h1().identity(serialized(peer));
        const anonymity = new msp.MSPIdentityAnonymity();
        expect(identity.satisfies(principalOf(KIND.ANONYMITY, anonymity.serializeBinary()))).toBe(true);
        anonymity.setAnonymityType(msp.MSPIdentityAnonymity.MSPIdentityAnonymityType.ANONYMOUS);
        expect(identity.satisfies(principalOf(KIND.ANONYMITY, anonymity.serializeBinary()))).toBe(false);
        expect(identity.satisfies(principalOf(KIND.ROLE, Uint8Array.of(0xff)))).toBe(false);
        expect(identity.satisfies(principalOf(17, new Uint8Array()))).toBe(false);
    });
});

describe('a channel’s MSPs', () => {
    test('identities are found by their MSP, and verify what they signed', async () => {
        const other = await TestAuthority.create('ca.h2');
        const manager = new MspManager([h1(), new Msp(mspConfig('H2MSP', { roots: [other.pem] }))]);
        const client = await other.issue('user', { units: ['client'] });
        const signer = await signerOf('H2MSP', client);
        const message = Buffer.from('message');
        const identity = manager.identity(signer.serialized);
        expect(identity.mspId).toBe('H2MSP');
        expect(identity.verify(message, signer.sign(message))).toBe(true);
        expect(identity.verify(Buffer.from('other'), signer.sign(message))).toBe(false);
        expect(manager.identity(Buffer.from(signer.serialized))).toBe(identity);
        expect(manager.mspIds).toEqual(['H1MSP', 'H2MSP']);
    });

    test.each([
        ['an unknown MSP', () => serializeIdentity('H9MSP', peer.pem), 'MSP H9MSP is not defined'],
        ['somebody else’s MSP', () => serializeIdentity('H2MSP', peer.pem), 'not defined'],
        ['no certificate', () => serializeIdentity('H1MSP', 'text'), 'PEM'],
        ['bytes that are nothing', () => Uint8Array.of(0xff), 'could not deserialize'],
    ])('%s is refused', (_name, bytes, why) => {
        expect(() => new MspManager([h1()]).identity(bytes())).toThrow(why);
    });

    test('an imagined identity has its role and no signature', () => {
        const imagined = imaginedIdentity('H1MSP', 'peer');
        expect(ROLES.filter((role) => imagined.satisfies(rolePrincipal('H1MSP', role)))).toEqual(['member', 'peer']);
        expect(imagined.satisfies(rolePrincipal('H2MSP', 'peer'))).toBe(false);
        expect(imagined.verify(new Uint8Array(), new Uint8Array())).toBe(false);
    });
});
