import { parsePolicy, signaturePolicyEnvelope } from '../../fabric/policy';
import { configured, editMsp, groupAt, revocation, updated, type Edit } from '../configuration';
import { block, call, transaction, type Group } from '../scenario';

const GOVERNORS = ['DSO', 'H1', 'H2'];

const policy =
    (name: string, text: string): Edit =>
    (channel) => {
        const bytes = signaturePolicyEnvelope(parsePolicy(text)).serializeBinary();
        groupAt(channel, 'Application').getPoliciesMap().get(name)?.getPolicy()?.setValue(bytes);
    };

const byH3 = transaction({ writes: { a: '3' }, endorsers: ['DSO', 'H3'], client: 'H3' });

/** The last ones, because what they change stays changed. */
export const configuration: Group = {
    title: 'Configuration of the channel',
    scenarios: [
        {
            name: 'A configuration update as it is sent to the orderers, in a block',
            fabric: 'Is no transaction for peers.',
            steps: [
                block(
                    [updated(policy('Market', "AND('DSOMSP.peer', 'H1MSP.peer')"), GOVERNORS)],
                    'UNSUPPORTED_TX_PAYLOAD',
                ),
            ],
        },
        {
            name: 'A policy of the channel is replaced',
            fabric: 'The configuration block passes the old rules, the next block the new, for chaincodes that refer to it.',
            steps: [
                block([transaction({ writes: { a: '1' }, endorsers: ['DSO', 'H2'] })], 'VALID'),
                block([configured(policy('Market', "AND('DSOMSP.peer', 'H1MSP.peer')"), GOVERNORS)], 'VALID'),
                block(
                    [
                        transaction({ writes: { a: '2' }, endorsers: ['DSO', 'H2'] }),
                        transaction({ writes: { a: '2' } }),
                    ],
                    'ENDORSEMENT_POLICY_FAILURE',
                    'VALID',
                ),
                call({ chaincode: 'cscc', args: ['GetConfigBlock', 'community'] }),
            ],
        },
        {
            name: 'A certificate is revoked',
            fabric: 'Its transactions are of nobody from the next block on, and its proposals are turned away.',
            steps: [
                block([transaction({ writes: { a: '1' }, client: 'H2' })], 'VALID'),
                block(
                    [
                        configured(
                            async (channel, { community }) => {
                                const { certificatePem } = community.signer('H2', 'agent');
                                const list = await revocation(community, 'H2', certificatePem);
                                editMsp(channel, 'H2MSP', (config) => {
                                    config.setRevocationListList([list]);
                                });
                            },
                            [...GOVERNORS, 'H3'],
                        ),
                    ],
                    'VALID',
                ),
                block([transaction({ writes: { a: '2' }, client: 'H2' })], 'BAD_CREATOR_SIGNATURE'),
                block([transaction({ writes: { a: '3' }, endorsers: ['DSO', 'H1'] })], 'VALID'),
                call({ args: ['creator'], client: 'H2' }, { refused: 'UNKNOWN', message: 'access denied' }),
                call({ args: ['creator'], client: 'H2', as: 'admin' }, { status: 200, payload: 'H2MSP' }),
            ],
        },
        {
            name: 'A member leaves',
            fabric: 'Its endorsements count for nothing; the policies that name it are as they were.',
            policy: '/Channel/Application/Endorsement',
            steps: [
                block([transaction({ writes: { a: '1' }, endorsers: ['DSO', 'H1', 'H3'] })], 'VALID'),
                block(
                    [
                        configured((channel) => {
                            groupAt(channel, 'Application').getGroupsMap().del('H3MSP');
                        }, GOVERNORS),
                    ],
                    'VALID',
                ),
                block([transaction({ writes: { a: '2' }, endorsers: ['DSO', 'H3'] })], 'ENDORSEMENT_POLICY_FAILURE'),
                block([transaction({ writes: { a: '3' }, endorsers: ['DSO', 'H1'] })], 'VALID'),
                block([byH3], 'ENDORSEMENT_POLICY_FAILURE'),
            ],
        },
    ],
};
