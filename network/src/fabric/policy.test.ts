import { beforeAll, describe, expect, test } from '@jest/globals';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import { MalformedPolicy } from './errors';
import { Msp, MspManager, imaginedIdentity } from './msp';
import {
    and,
    assertWellFormedPolicy,
    compileApplicationPolicy,
    compileKeyPolicy,
    compileSignaturePolicy,
    or,
    outOf,
    parsePolicy,
    PolicyTree,
    signaturePolicyEnvelope,
    signedBy,
    type Rule,
    type SignedData,
} from './policy';
import type { SigningIdentity } from './signing';
import { TestAuthority, mspConfig } from './testing/certificates';

const DATA = Buffer.from('what is signed');
const signers = new Map<string, SigningIdentity>();
let msps: MspManager;

beforeAll(async () => {
    const all: Msp[] = [];
    for (const mspId of ['A', 'B', 'C']) {
        const authority = await TestAuthority.create(`ca.${mspId}`);
        all.push(new Msp(mspConfig(mspId, { roots: [authority.pem] })));
        for (const role of ['peer', 'client', 'admin']) {
            signers.set(`${mspId}.${role}`, await authority.signer(mspId, role, { units: [role] }));
        }
        signers.set(`${mspId}.peer2`, await authority.signer(mspId, 'peer2', { units: ['peer'] }));
    }
    msps = new MspManager(all);
});

/** Signatures over the data of those named, `A.peer A.client`; with `!` in front: a signature over something else. */
function signed(names: string): SignedData[] {
    return names
        .split(' ')
        .filter((name) => name !== '')
        .map((name) => {
            const signer = signers.get(name.replace('!', ''));
            if (signer === undefined) throw new Error(`nobody is called ${name}`);
            const said = name.startsWith('!') ? Buffer.from('something else') : DATA;
            return { identity: signer.serialized, data: DATA, signature: signer.sign(said) };
        });
}

const bytesOf = (rule: Rule): Uint8Array => signaturePolicyEnvelope(rule).serializeBinary();
const passes = (rule: Rule, names: string): boolean =>
    compileSignaturePolicy(bytesOf(rule), msps).evaluate(signed(names));

describe('signature policies', () => {
    test.each([
        { rule: "AND('A.peer', 'B.peer')", by: 'A.peer B.peer', isMet: true },
        { rule: "AND('A.peer', 'B.peer')", by: 'B.peer A.peer', isMet: true },
        { rule: "AND('A.peer', 'B.peer')", by: 'A.peer', isMet: false },
        { rule: "AND('A.peer', 'B.peer')", by: 'A.peer !B.peer', isMet: false },
        { rule: "AND('A.peer', 'B.peer')", by: 'A.peer B.client', isMet: false },
        { rule: "OR('A.peer', 'B.peer')", by: '', isMet: false },
        { rule: "OR('A.peer', 'B.peer')", by: 'C.peer B.peer', isMet: true },
        { rule: "OutOf(2, 'A.peer', 'B.peer', 'C.peer')", by: 'A.peer C.peer', isMet: true },
        { rule: "OutOf(2, 'A.peer', 'B.peer', 'C.peer')", by: 'A.peer A.peer2', isMet: false },
        { rule: "OutOf(0, 'A.peer')", by: '', isMet: true },
        { rule: "OutOf(2, 'A.peer')", by: 'A.peer A.peer2', isMet: false },
        { rule: "AND('A.member', OR('B.peer', 'C.admin'))", by: 'A.client C.admin', isMet: true },
    ])('$rule signed by [$by]: $isMet', ({ rule, by, isMet }) => {
        expect(passes(parsePolicy(rule), by)).toBe(isMet);
    });

    test('one signature counts for one principal', () => {
        const twice = and(signedBy('A', 'peer'), signedBy('A', 'peer'));
        expect(passes(twice, 'A.peer')).toBe(false);
        expect(passes(twice, 'A.peer A.peer')).toBe(false);
        expect(passes(twice, 'A.peer A.peer2')).toBe(true);
    });

    test('what a wide principal took is not given back to a narrow one: order decides', () => {
        const wideFirst = and(signedBy('A', 'member'), signedBy('A', 'peer'));
        const narrowFirst = and(signedBy('A', 'peer'), signedBy('A', 'member'));
        expect(passes(wideFirst, 'A.peer A.client')).toBe(false);
        expect(passes(wideFirst, 'A.client A.peer')).toBe(true);
        expect(passes(narrowFirst, 'A.peer A.client')).toBe(true);
    });

    test('a gate goes on after its threshold, and what it uses is used', () => {
        const greedy = and(or(signedBy('A', 'peer'), signedBy('A', 'peer')), signedBy('A', 'member'));
        expect(passes(greedy, 'A.peer A.peer2')).toBe(false);
        expect(passes(greedy, 'A.peer A.peer2 A.client')).toBe(true);
    });

    test('what a failed branch used is free again', () => {
        const rule = and(
            or(and(signedBy('A', 'peer'), signedBy('B', 'peer')), signedBy('C', 'peer')),
            signedBy('A', 'peer'),
        );
        expect(passes(rule, 'A.peer C.peer')).toBe(true);
    });

    test('the first good signature of an identity counts, a bad one before it does no harm', () => {
        expect(passes(parsePolicy("OR('A.peer')"), '!A.peer A.peer')).toBe(true);
    });

    test('identities that the MSP does not know are left out', () => {
        const stranger = { identity: Buffer.from('nobody'), data: DATA, signature: DATA };
        const policy = compileSignaturePolicy(bytesOf(parsePolicy("OR('A.peer')")), msps);
        expect(policy.evaluate([stranger, ...signed('A.peer')])).toBe(true);
        expect(policy.evaluate([stranger])).toBe(false);
    });

    test('planning asks the same question without signatures', () => {
        const policy = compileSignaturePolicy(bytesOf(parsePolicy("AND('A.peer', OR('B.peer', 'C.peer'))")), msps);
        expect(policy.evaluateIdentities([imaginedIdentity('A', 'peer'), imaginedIdentity('C', 'peer')])).toBe(true);
        expect(policy.evaluateIdentities([imaginedIdentity('B', 'peer'), imaginedIdentity('C', 'peer')])).toBe(false);
    });
});

describe('well-formed policies', () => {
    const envelope = (change: (envelope: common.SignaturePolicyEnvelope) => void): Uint8Array => {
        const message = signaturePolicyEnvelope(parsePolicy("AND('A.peer', 'B.peer')"));
        change(message);
        return message.serializeBinary();
    };
    const good = (): Uint8Array => envelope(() => undefined);

    test('those that builders make are', () => {
        expect(() => {
            assertWellFormedPolicy(good());
        }).not.toThrow();
    });

    test.each([
        [
            'no rule',
            () =>
                envelope((message) => {
                    message.setRule(undefined);
                }),
        ],
        ['nothing', () => new Uint8Array()],
        ['bytes that are no message', () => Uint8Array.of(0xff, 0xff)],
        [
            'another version',
            () =>
                envelope((message) => {
                    message.setVersion(1);
                }),
        ],
        [
            'a principal that is not listed',
            () =>
                envelope((message) => {
                    message.setIdentitiesList(message.getIdentitiesList().slice(0, 1));
                }),
        ],
        [
            'an empty branch',
            () => envelope((message) => message.getRule()?.getNOutOf()?.addRules(new common.SignaturePolicy())),
        ],
        ['a negative index', () => envelope((message) => message.getRule()?.setSignedBy(-1))],
        ['an unknown field', () => Buffer.concat([good(), Uint8Array.of(0x50, 0x01)])],
        ['a field given twice', () => Buffer.concat([good(), good()])],
    ])('%s is not well-formed', (_name, bytes) => {
        expect(() => {
            assertWellFormedPolicy(bytes());
        }).toThrow(MalformedPolicy);
    });

    test('a key policy that cannot be decoded throws, one that cannot be compiled refuses', () => {
        const uncompilable = envelope((message) => {
            message.setIdentitiesList([]);
        });
        expect(() => compileKeyPolicy(Uint8Array.of(0xff), msps)).toThrow(MalformedPolicy);
        expect(compileKeyPolicy(uncompilable, msps).evaluate(signed('A.peer B.peer'))).toBe(false);
        expect(compileKeyPolicy(good(), msps).evaluate(signed('A.peer B.peer'))).toBe(true);
    });
});

describe('builders and notation', () => {
    test('bytes are those of Fabric’s parser', () => {
        const bytes = Buffer.from(bytesOf(parsePolicy("OutOf(2, 'A.peer', 'B.peer', 'C.peer')"))).toString('base64');
        expect(bytes).toBe('EhASDggCEgIIABICCAESAggCGgcSBQoBQRADGgcSBQoBQhADGgcSBQoBQxAD');
    });

    test('a principal is listed once', () => {
        const message = signaturePolicyEnvelope(
            or(and(signedBy('A', 'peer'), signedBy('B', 'peer')), signedBy('A', 'peer')),
        );
        expect(message.getIdentitiesList()).toHaveLength(2);
    });

    test.each([
        [
            "AND('A.peer', OR('B.member', 'C.admin'))",
            and(signedBy('A', 'peer'), or(signedBy('B', 'member'), signedBy('C', 'admin'))),
        ],
        [`OutOf(1, "Org-1.x.client",'B.orderer')`, outOf(1, [signedBy('Org-1.x', 'client'), signedBy('B', 'orderer')])],
        [" Or( 'A.peer' ) ", or(signedBy('A', 'peer'))],
        ["OutOf('1', 'A.peer')", outOf(1, [signedBy('A', 'peer')])],
    ])('%s is read', (text, rule) => {
        expect(parsePolicy(text)).toEqual(rule);
    });

    test.each([
        '',
        "'A.peer'",
        'AND()',
        "AND('A.peer'",
        "AND('A.king')",
        "AND('A_B.peer')",
        "XOR('A.peer', 'B.peer')",
        "OR('A.peer') OR('B.peer')",
        "OutOf(-1, 'A.peer')",
        "OutOf(3, 'A.peer')",
        "OutOf('x', 'A.peer')",
        'AND(2)',
    ])('%s is refused', (text) => {
        expect(() => parsePolicy(text)).toThrow(MalformedPolicy);
    });

    test('a threshold that is no whole number cannot be built', () => {
        expect(() => signaturePolicyEnvelope(outOf(1.5, [signedBy('A', 'peer')]))).toThrow(MalformedPolicy);
    });
});

describe('the policies of a channel', () => {
    const policyOf = (type: number, value: Uint8Array): common.ConfigPolicy => {
        const policy = new common.Policy();
        policy.setType(type);
        policy.setValue(value);
        const config = new common.ConfigPolicy();
        config.setPolicy(policy);
        return config;
    };
    const signature = (rule: string): common.ConfigPolicy => policyOf(1, bytesOf(parsePolicy(rule)));
    const meta = (rule: number, subPolicy: string): common.ConfigPolicy => {
        const message = new common.ImplicitMetaPolicy();
        message.setRule(rule as common.ImplicitMetaPolicy.RuleMap['ANY']);
        message.setSubPolicy(subPolicy);
        return policyOf(3, message.serializeBinary());
    };
    const { ANY, ALL, MAJORITY } = common.ImplicitMetaPolicy.Rule;

    function channel(): common.ConfigGroup {
        const root = new common.ConfigGroup();
        const application = new common.ConfigGroup();
        for (const mspId of ['A', 'B', 'C']) {
            const organisation = new common.ConfigGroup();
            organisation.getPoliciesMap().set('Writers', signature(`OR('${mspId}.client')`));
            if (mspId !== 'C') organisation.getPoliciesMap().set('Some', signature(`OR('${mspId}.peer')`));
            application.getGroupsMap().set(mspId, organisation);
        }
        application.getPoliciesMap().set('Any', meta(ANY, 'Writers'));
        application.getPoliciesMap().set('All', meta(ALL, 'Writers'));
        application.getPoliciesMap().set('Majority', meta(MAJORITY, 'Writers'));
        application.getPoliciesMap().set('AllSome', meta(ALL, 'Some'));
        application.getPoliciesMap().set('Market', signature("AND('A.peer', 'B.peer')"));
        root.getGroupsMap().set('Application', application);
        root.getPoliciesMap().set('Top', meta(ANY, 'Majority'));
        root.getPoliciesMap().set('Nothing', meta(MAJORITY, 'NoSuchPolicy'));
        return root;
    }
    const tree = (): PolicyTree => new PolicyTree(channel(), msps);

    test.each([
        { path: '/Channel/Application/Any', by: 'B.client', isMet: true },
        { path: '/Channel/Application/Any', by: 'B.peer', isMet: false },
        { path: '/Channel/Application/All', by: 'A.client B.client', isMet: false },
        { path: '/Channel/Application/All', by: 'A.client B.client C.client', isMet: true },
        { path: '/Channel/Application/Majority', by: 'A.client C.client', isMet: true },
        { path: '/Channel/Application/Majority', by: 'A.client', isMet: false },
        { path: '/Channel/Application/AllSome', by: 'A.peer B.peer C.peer', isMet: false },
        { path: '/Channel/Application/A/Writers', by: 'A.client', isMet: true },
        { path: 'Application/A/Writers', by: 'A.client', isMet: true },
        { path: '/Channel/Top', by: 'A.client B.client', isMet: true },
        { path: '/Channel/Nothing', by: 'A.client', isMet: false },
        { path: '/Channel/Application/Market', by: 'A.peer B.peer', isMet: true },
        { path: '/Channel/Application/NoSuch', by: 'A.admin', isMet: false },
        { path: '/Other/Application/Any', by: 'A.client', isMet: false },
        { path: '', by: 'A.client', isMet: false },
    ])('$path signed by [$by]: $isMet', ({ path, by, isMet }) => {
        expect(tree().get(path).evaluate(signed(by))).toBe(isMet);
    });

    test('a policy of no known kind, or an empty one, spoils the configuration', () => {
        for (const bad of [
            policyOf(0, new Uint8Array()),
            policyOf(2, new Uint8Array()),
            new common.ConfigPolicy(),
            policyOf(1, Uint8Array.of(0xff)),
        ]) {
            const group = channel();
            group.getPoliciesMap().set('Bad', bad);
            expect(() => new PolicyTree(group, msps)).toThrow(MalformedPolicy);
        }
    });

    test('an application policy is a signature policy or the name of one', () => {
        const reference = new peer.ApplicationPolicy();
        reference.setChannelConfigPolicyReference('/Channel/Application/Market');
        const own = new peer.ApplicationPolicy();
        own.setSignaturePolicy(signaturePolicyEnvelope(parsePolicy("OR('C.peer')")));
        expect(
            compileApplicationPolicy(reference.serializeBinary(), msps, tree()).evaluate(signed('A.peer B.peer')),
        ).toBe(true);
        expect(compileApplicationPolicy(own, msps, tree()).evaluate(signed('C.peer'))).toBe(true);
        reference.setChannelConfigPolicyReference('/Channel/Application/NoSuch');
        for (const bad of [reference.serializeBinary(), new Uint8Array(), Uint8Array.of(0xff)]) {
            expect(() => compileApplicationPolicy(bad, msps, tree())).toThrow(MalformedPolicy);
        }
    });

    test('principals need not be roles', () => {
        const envelope = signaturePolicyEnvelope(parsePolicy("OR('A.peer')"));
        const principal = new msp.MSPPrincipal();
        principal.setPrincipalClassification(msp.MSPPrincipal.Classification.IDENTITY);
        principal.setPrincipal(signers.get('B.client')?.serialized ?? '');
        envelope.setIdentitiesList([principal]);
        const policy = compileSignaturePolicy(envelope.serializeBinary(), msps);
        expect(policy.evaluate(signed('B.client'))).toBe(true);
        expect(policy.evaluate(signed('B.peer'))).toBe(false);
    });
});
