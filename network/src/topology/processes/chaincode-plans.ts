import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { chaincodePackage } from '../deploy/package';
import { type ChaincodeTlsFiles, type Layout, repositoryRoot } from '../layout';
import { hostPort, ownService } from '../native/ports';
import { ownServices, sharedServices } from '../network-kind';
import type { ChaincodeService, Endpoint, Organisation, Topology } from '../topology';
import { accepts } from './ports';
import type { ProcessPlan } from './supervisor';

/**
 * One process for each chaincode of whoever runs services: embedded peers together, unless they have their own, and each Fabric peer.
 *
 * @throws Error where an organisation wants to have transactions attested and shares its services.
 */
export function chaincodePlans(topology: Topology, layout: Layout): Promise<readonly ProcessPlan[]> {
    return Promise.all(
        owners(topology).flatMap((owner) => topology.chaincodes.map((each) => chaincodePlan(each, owner, layout))),
    );
}

export function chaincodeEndpoints(topology: Topology): readonly (readonly [string, readonly string[]])[] {
    return owners(topology).flatMap((owner) =>
        topology.chaincodes.map((each) => [owner.process(each), [hostPort(owner.endpoint(each))]] as const),
    );
}

/** Who runs services of the chaincodes. */
interface ServiceOwner {
    readonly organisations: readonly Organisation[];
    process(chaincode: ChaincodeService): string;
    endpoint(chaincode: ChaincodeService): Endpoint;
    tls(layout: Layout): ChaincodeTlsFiles;
}

function owners(topology: Topology): readonly ServiceOwner[] {
    const sharing = sharedServices(topology);
    const shared: ServiceOwner = {
        organisations: sharing,
        process: ({ name }) => `chaincode-${name}`,
        endpoint: ({ service }) => service,
        tls: (layout) => layout.chaincodeTls,
    };
    const own = (organisation: Organisation): ServiceOwner => ({
        organisations: [organisation],
        process: ({ name }) => `chaincode-${name}-${organisation.id}`,
        endpoint: (chaincode) => ownService(topology, organisation, chaincode),
        tls: (layout) => layout.chaincodeTlsOf(organisation.id),
    });
    return [...(sharing.length > 0 ? [shared] : []), ...ownServices(topology).map(own)];
}

/** The variables are those of fabric-shim's own server, and those of attestation. */
async function chaincodePlan(chaincode: ChaincodeService, owner: ServiceOwner, layout: Layout): Promise<ProcessPlan> {
    const { packageId } = await chaincodePackage(chaincode, layout);
    const tls = owner.tls(layout);
    const endpoint = hostPort(owner.endpoint(chaincode));
    return {
        name: owner.process(chaincode),
        command: chaincode.start,
        directory: resolve(repositoryRoot, chaincode.directory),
        environment: {
            CHAINCODE_ID: packageId,
            CHAINCODE_SERVER_ADDRESS: endpoint,
            CHAINCODE_TLS_CERT_FILE: tls.serverCertificate,
            CHAINCODE_TLS_KEY_FILE: tls.serverKey,
            CHAINCODE_TLS_CLIENT_CACERT_FILE: tls.root,
            CHAINCODE_SERVES: owner.organisations.map(({ mspId }) => mspId).join(','),
            ...attestation(owner, layout),
        },
        endpoints: [endpoint],
        staleFiles: [],
        isReady: () => accepts(endpoint),
    };
}

function attestation({ organisations }: ServiceOwner, layout: Layout): Readonly<Record<string, string>> {
    const asking = organisations.find((each) => existsSync(layout.organisation(each).attestation.file));
    if (asking === undefined) {
        return {};
    }
    const { file } = layout.organisation(asking).attestation;
    if (organisations.length > 1) {
        // The refusal of one would be everybody's.
        throw new Error(
            `${file} asks for attestation, but ${asking.id} shares its chaincode services: have the network made with ` +
                `'--own-chaincode ${asking.id}'`,
        );
    }
    return { CHAINCODE_ATTESTATION_FILE: file };
}
