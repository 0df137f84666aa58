import { and, or, outOf, signaturePolicyEnvelope, signedBy, type Rule } from '../../fabric/policy';
import { block, transaction, type CodeName, type Group, type MadeEnvelope, type Scenario } from '../scenario';
import { NEIGHBOUR } from '../stage/stage';

const peerOf = (id: string): Rule => signedBy(`${id}MSP`, 'peer');
const [DSO, H1, H2, H3] = ['DSO', 'H1', 'H2', 'H3'].map(peerOf) as [Rule, Rule, Rule, Rule];
const FAILS = 'ENDORSEMENT_POLICY_FAILURE';

/** One transaction for each set of endorsers, each in a block of its own. */
function judged(
    name: string,
    fabric: string,
    policy: string | Rule,
    rows: readonly (readonly [string, CodeName])[],
): Scenario {
    return {
        name,
        fabric,
        policy,
        steps: rows.map(([endorsers, code]) =>
            block([transaction({ writes: { a: endorsers }, endorsers: endorsers.split(' ') })], code),
        ),
    };
}

const chaincodePolicies: readonly Scenario[] = [
    judged('AND wants all of its members', 'One signature for each principal.', and(DSO, H1, H2), [
        ['DSO H1', FAILS],
        ['DSO H1 H2', 'VALID'],
        ['H2 DSO H1 H3', 'VALID'],
    ]),
    judged('OR wants one of its members', 'Others do no harm.', or(H1, H2), [
        ['DSO H3', FAILS],
        ['H2', 'VALID'],
        ['DSO H1', 'VALID'],
    ]),
    judged('OutOf counts', 'Two of three.', outOf(2, [H1, H2, H3]), [
        ['H1 DSO', FAILS],
        ['H3 H1', 'VALID'],
    ]),
    judged('Policies nest', 'Evaluated depth first.', or(and(DSO, outOf(2, [H1, H2, H3])), and(H1, H2, H3)), [
        ['DSO H1', FAILS],
        ['H1 H2', FAILS],
        ['DSO H1 H3', 'VALID'],
        ['H1 H2 H3', 'VALID'],
    ]),
    judged(
        'One signature satisfies one principal',
        'Two of the same organisation need two identities.',
        outOf(2, [H1, H1]),
        [['H1 DSO', FAILS]],
    ),
    judged('A policy that nobody can satisfy', 'No such organisation.', signedBy('NobodyMSP', 'peer'), [
        ['DSO H1 H2 H3', FAILS],
    ]),
    judged('A role that a peer has not got', 'Peers are no administrators.', signedBy('H1MSP', 'admin'), [
        ['DSO H1', FAILS],
    ]),
    judged('A member is anybody of the organisation', 'Peers are members.', signedBy('H1MSP', 'member'), [
        ['H1', 'VALID'],
        ['H2', FAILS],
    ]),
    judged('None of them is satisfied by anybody', 'OutOf(0) holds always.', outOf(0, [H2]), [['H1', 'VALID']]),
    judged(
        'An implicit meta policy: the majority of the organisations',
        'Three of four.',
        '/Channel/Application/Endorsement',
        [
            ['DSO H1', FAILS],
            ['DSO H1 H2', 'VALID'],
        ],
    ),
    judged('An implicit meta policy: any organisation', 'Readers of any one.', '/Channel/Application/Readers', [
        ['H3', 'VALID'],
    ]),
    judged('An implicit meta policy of one organisation', 'A path deeper.', '/Channel/Application/H2MSP/Endorsement', [
        ['DSO H1', FAILS],
        ['H2', 'VALID'],
    ]),
    judged(
        'A policy of the channel: the grid operator and a household',
        'Looked up by name when the block is validated.',
        '/Channel/Application/Market',
        [
            ['H1 H2 H3', FAILS],
            ['DSO H3', 'VALID'],
        ],
    ),
    judged(
        'A policy of the channel that does not exist',
        'Is not checked when the chaincode is approved, and refuses everything afterwards.',
        '/Channel/Application/Nowhere',
        [['DSO H1 H2 H3', FAILS]],
    ),
    {
        name: 'The same endorsement twice',
        fabric: 'Counts once.',
        policy: outOf(2, [H1, H2]),
        steps: [block([transaction({ writes: { a: '1' }, endorsers: ['H1', 'H1'] })], FAILS)],
    },
    {
        name: 'A change of the definitions that too few have endorsed',
        fabric: 'The life cycle has a policy of its own: the majority.',
        steps: [
            block(
                [
                    transaction({
                        chaincode: '_lifecycle',
                        others: { _lifecycle: { writes: { x: 'y' } } },
                        endorsers: ['DSO', 'H1'],
                    }),
                ],
                FAILS,
            ),
        ],
    },
    {
        name: 'A transaction of two chaincodes needs both policies',
        fabric: 'Each namespace that is written is judged by its own.',
        policy: and(DSO, H1, H2),
        steps: [
            block([transaction({ writes: { a: '1' }, others: { [NEIGHBOUR]: { writes: { two: '1' } } } })], FAILS),
            block(
                [
                    transaction({
                        writes: { a: '1' },
                        others: { [NEIGHBOUR]: { writes: { two: '1' } } },
                        endorsers: ['DSO', 'H1', 'H2'],
                    }),
                ],
                'VALID',
            ),
        ],
    },
    {
        name: 'Reading another chaincode needs only the own policy',
        fabric: 'What is read is checked for conflicts, not endorsed.',
        steps: [
            block(
                [transaction({ writes: { a: '1' }, others: { [NEIGHBOUR]: { reads: { nothing: undefined } } } })],
                'VALID',
            ),
        ],
    },
];

const set = (key: string, policy: Rule | Uint8Array | null, endorsers?: readonly string[]): MadeEnvelope =>
    transaction({ policies: { [key]: policy }, ...(endorsers === undefined ? {} : { endorsers }) });
const put = (key: string, value: string, ...endorsers: readonly string[]): MadeEnvelope =>
    transaction({ writes: { [key]: value }, ...(endorsers.length === 0 ? {} : { endorsers }) });
const created = transaction({ writes: { k: '1' }, policies: { k: and(DSO, H2) } });

const keyPolicies: readonly Scenario[] = [
    {
        name: 'A key with a policy of its own',
        fabric: 'It replaces the chaincode policy for that key, and for no other.',
        steps: [
            block([created], 'VALID'),
            block([put('k', '2', 'DSO', 'H1')], FAILS),
            block([put('k', '2', 'DSO', 'H2')], 'VALID'),
            block([put('other', '2', 'DSO', 'H1')], 'VALID'),
        ],
    },
    {
        name: 'A key policy takes effect within its block',
        fabric: 'A write that uses a key whose policy changed before it in the block is refused, whoever endorsed it.',
        steps: [
            block([put('k', '1')], 'VALID'),
            block([set('k', H1), put('k', '2', 'DSO', 'H1')], 'VALID', FAILS),
            block([put('k', '3', 'H1')], 'VALID'),
        ],
    },
    {
        name: 'An invalid change of a key policy does not count within its block',
        fabric: 'The write behind it is judged by the policy that stands.',
        steps: [block([created], 'VALID'), block([set('k', H1, ['H1']), put('k', '2', 'DSO', 'H2')], FAILS, 'VALID')],
    },
    {
        name: 'A change of a key policy needs the present one',
        fabric: 'The new policy says nothing about its own coming.',
        steps: [
            block([created], 'VALID'),
            block([set('k', H1, ['H1', 'DSO'])], FAILS),
            block([set('k', H1, ['H2', 'DSO'])], 'VALID'),
            block([put('k', '2', 'H1')], 'VALID'),
        ],
    },
    {
        name: 'A read of a key whose policy changed',
        fabric: 'Changing the policy changes the version.',
        steps: [
            block([put('k', '1')], 'VALID'),
            block(
                [set('k', H1), transaction(({ version }) => ({ reads: { k: version(0) }, writes: { b: '1' } }))],
                'VALID',
                'MVCC_READ_CONFLICT',
            ),
        ],
    },
    {
        name: 'A key policy taken away',
        fabric: 'The chaincode policy is back.',
        steps: [
            block([created], 'VALID'),
            block([set('k', null, ['DSO', 'H2'])], 'VALID'),
            block([put('k', '2', 'DSO', 'H1')], 'VALID'),
        ],
    },
    {
        name: 'A deleted key forgets its policy',
        fabric: 'Metadata go with the key.',
        steps: [
            block([created], 'VALID'),
            block([transaction({ writes: { k: null }, endorsers: ['DSO', 'H2'] })], 'VALID'),
            block([put('k', '2', 'DSO', 'H1')], 'VALID'),
        ],
    },
    {
        name: 'A policy for a key that does not exist',
        fabric: 'Is dropped: there is nothing to keep it with.',
        steps: [block([set('k', H2)], 'VALID'), block([put('k', '1', 'DSO', 'H1')], 'VALID')],
    },
    {
        name: 'A key policy over clients',
        fabric: 'An endorser is never a client, so nobody can satisfy it.',
        steps: [
            block([transaction({ writes: { k: '1' }, policies: { k: signedBy('H1MSP', 'client') } })], 'VALID'),
            block([put('k', '2', 'DSO', 'H1', 'H2')], FAILS),
        ],
    },
    {
        name: 'A nested key policy',
        fabric: 'Any policy that the builder of policies can express.',
        steps: [
            block(
                [transaction({ writes: { k: '1' }, policies: { k: or(and(H1, DSO), outOf(2, [H1, H2, H3])) } })],
                'VALID',
            ),
            block([put('k', '2', 'DSO', 'H2')], FAILS),
            block([put('k', '2', 'H3', 'H2')], 'VALID'),
        ],
    },
    {
        name: 'A write with a key policy needs nothing of the chaincode policy',
        fabric: 'The chaincode policy applies where a key has none.',
        steps: [
            block([transaction({ writes: { k: '1' }, policies: { k: H3 } })], 'VALID'),
            block([put('k', '2', 'H3')], 'VALID'),
            block([transaction({ writes: { k: '3', other: '1' }, endorsers: ['H3'] })], FAILS),
        ],
    },
    {
        name: 'A key policy that is none',
        fabric: 'Is kept. The first transaction that uses the key would halt the channel for good, which is why our ordering service refuses such a policy.',
        steps: [block([transaction({ writes: { k: '1' }, policies: { k: Buffer.from('0a', 'hex') } })], 'VALID')],
    },
    {
        name: 'A key policy that names a signer it does not list',
        fabric: 'Is found out when it is used, and refuses.',
        steps: [
            block([transaction({ writes: { k: '1' }, policies: { k: withoutIdentities() } })], 'VALID'),
            block([put('k', '2', 'DSO', 'H1')], FAILS),
        ],
    },
];

function withoutIdentities(): Uint8Array {
    const policy = signaturePolicyEnvelope(H1);
    policy.clearIdentitiesList();
    return policy.serializeBinary();
}

export const policies: readonly Group[] = [
    { title: 'Endorsement policies', scenarios: chaincodePolicies },
    { title: 'Policies of keys', scenarios: keyPolicies },
];
