import { peer } from '@hyperledger/fabric-protos';
import { call, query, submit, type Call, type Group, type Setting } from '../scenario';

const LIFECYCLE = '_lifecycle';
const NAME = 'market';
const EVERYBODY = ['DSO', 'H1', 'H2', 'H3'];

interface Message {
    serializeBinary(): Uint8Array;
}

const asAdmin = (operation: string, message: Message, channel?: string): Call => ({
    chaincode: LIFECYCLE,
    args: [operation, message.serializeBinary()],
    as: 'admin',
    ...(channel === undefined ? {} : { channel }),
});

interface DefinitionMessage {
    setName(value: string): void;
    setVersion(value: string): void;
    setSequence(value: number): void;
    setEndorsementPlugin(value: string): void;
    setValidationPlugin(value: string): void;
    setValidationParameter(value: Uint8Array): void;
    setCollections(value: peer.CollectionConfigPackage): void;
}

/** What all organisations have to agree to. */
function defined<T extends DefinitionMessage>(message: T, { name = NAME, sequence = 1, version = '1.0' } = {}): T {
    const policy = new peer.ApplicationPolicy();
    policy.setChannelConfigPolicyReference('/Channel/Application/Market');
    message.setName(name);
    message.setVersion(version);
    message.setSequence(sequence);
    message.setEndorsementPlugin('escc');
    message.setValidationPlugin('vscc');
    message.setValidationParameter(policy.serializeBinary());
    return message;
}

function approval(setting: Setting, name: string, version?: string): Call {
    const local = new peer.lifecycle.ChaincodeSource.Local();
    local.setPackageId(setting.packageOf(name).packageId);
    const source = new peer.lifecycle.ChaincodeSource();
    source.setLocalPackage(local);
    const args = defined(new peer.lifecycle.ApproveChaincodeDefinitionForMyOrgArgs(), {
        name,
        ...(version === undefined ? {} : { version }),
    });
    args.setSource(source);
    return asAdmin('ApproveChaincodeDefinitionForMyOrg', args);
}

function install(bytes: Uint8Array, as: Call['as'] = 'admin'): Call {
    const args = new peer.lifecycle.InstallChaincodeArgs();
    args.setChaincodeInstallPackage(bytes);
    return { ...asAdmin('InstallChaincode', args, ''), as };
}

const commit = (name: string, sequence = 1): Call =>
    asAdmin(
        'CommitChaincodeDefinition',
        defined(new peer.lifecycle.CommitChaincodeDefinitionArgs(), { name, sequence }),
    );

const readiness = (name: string): Call =>
    asAdmin('CheckCommitReadiness', defined(new peer.lifecycle.CheckCommitReadinessArgs(), { name }));

function definitionOf(name: string): Call {
    const args = new peer.lifecycle.QueryChaincodeDefinitionArgs();
    args.setName(name);
    return asAdmin('QueryChaincodeDefinition', args);
}

function approvedOf(name: string): Call {
    const args = new peer.lifecycle.QueryApprovedChaincodeDefinitionArgs();
    args.setName(name);
    args.setSequence(1);
    return asAdmin('QueryApprovedChaincodeDefinition', args);
}

const installed = (): Call =>
    asAdmin('QueryInstalledChaincodes', new peer.lifecycle.QueryInstalledChaincodesArgs(), '');

function installedPackage({ packageOf }: Setting): Call {
    const args = new peer.lifecycle.GetInstalledChaincodePackageArgs();
    args.setPackageId(packageOf(NAME).packageId);
    return asAdmin('GetInstalledChaincodePackage', args, '');
}

/** Later scenarios call what is deployed here. */
export const lifecycle: Group = {
    title: 'Life cycle of chaincodes',
    scenarios: [
        {
            name: 'A package is installed, and not twice',
            fabric: 'Answers with the package id; a second time says that it has it.',
            steps: [
                call(({ packageOf }) => install(packageOf(NAME).bytes)),
                call(({ packageOf }) => install(packageOf(NAME).bytes), {
                    status: 500,
                    message: 'chaincode already successfully installed',
                }),
                call(({ packageOf }) => install(packageOf('governance').bytes)),
                call(installed),
                call(installedPackage),
            ],
        },
        {
            name: 'A package that is none',
            fabric: 'Says what is wrong with it.',
            steps: [
                call(install(Buffer.from('no package')), {
                    status: 500,
                    message: 'could not parse as a chaincode install package',
                }),
            ],
        },
        {
            name: 'A package from somebody who is no administrator',
            fabric: 'Refuses: administrators install.',
            steps: [
                call(({ packageOf }) => install(packageOf(NAME).bytes, 'agent'), {
                    status: 500,
                    message: 'Failed to authorize invocation due to failed ACL check',
                }),
            ],
        },
        {
            name: 'A definition that nobody has approved is not committed',
            fabric: 'Says which organisation has not agreed.',
            steps: [
                call(commit(NAME), { status: 500, message: 'not agreed to by this org (H1MSP)' }),
                call(definitionOf(NAME), { status: 404, message: 'namespace market is not defined' }),
            ],
        },
        {
            name: 'A definition is approved, and then ready as far as this organisation goes',
            fabric: 'Keeps the approval in the implicit collection; the others have not approved.',
            steps: [
                ...submit('approval', (setting) => approval(setting, NAME), 'VALID', ['H1']),
                query(readiness(NAME), peer.lifecycle.CheckCommitReadinessResult),
                call(approvedOf(NAME)),
            ],
        },
        {
            name: 'The same approval twice',
            fabric: 'Refuses it: nothing would change.',
            steps: [
                call((setting) => approval(setting, NAME), {
                    status: 500,
                    message: 'attempted to redefine uncommitted sequence (1)',
                }),
            ],
        },
        {
            name: 'A definition is committed',
            fabric: 'Writes its fields to the channel; the chaincode can be called in the next block.',
            steps: [
                ...submit('definition', commit(NAME), 'VALID', EVERYBODY),
                query(definitionOf(NAME), peer.lifecycle.QueryChaincodeDefinitionResult),
                query(
                    asAdmin('QueryChaincodeDefinitions', new peer.lifecycle.QueryChaincodeDefinitionsArgs()),
                    peer.lifecycle.QueryChaincodeDefinitionsResult,
                ),
                call({ args: ['policyName'] }, { status: 200, payload: 'VALIDATION_PARAMETER' }),
            ],
        },
        {
            name: 'A sequence too far ahead',
            fabric: 'Takes the next one only.',
            steps: [
                call(commit(NAME, 3), {
                    status: 500,
                    message: 'requested sequence is 3, but new definition must be sequence 2',
                }),
            ],
        },
        {
            name: 'A definition committed without a majority',
            fabric: 'Fails the policy of the life cycle.',
            steps: [
                ...submit('approval', (setting) => approval(setting, 'governance'), 'VALID', ['H1']),
                ...submit('too few', commit('governance'), 'ENDORSEMENT_POLICY_FAILURE', ['DSO', 'H1']),
                ...submit('enough', commit('governance'), 'VALID', ['DSO', 'H1', 'H3']),
            ],
        },
        {
            name: 'A function that the life cycle has not got',
            fabric: 'Says so.',
            steps: [
                call({ chaincode: LIFECYCLE, args: ['Nothing', ''], as: 'admin' }, { status: 500, message: 'Nothing' }),
            ],
        },
    ],
};
