import { readFileSync } from 'node:fs';
import type { ChaincodeTlsFiles, Layout } from '../layout';
import { ownServices } from '../network-kind';
import type { Organisation, Topology } from '../topology';
import { hostPort, ownService } from './ports';

/**
 * What a peer puts into the templates of a chaincode package: where the services of its organisation listen, and the keys with
 * which it shows them who it is. So one package, and one digest to approve, serves all organisations.
 */
export interface BuilderConfiguration {
    /** `host:port` by name of the chaincode. */
    readonly chaincode: Readonly<Record<string, string>>;
    readonly root_cert: string;
    readonly client_cert: string;
    readonly client_key: string;
}

/** Embedded peers of one process share services; every other organisation has its own. */
export function builderConfiguration(
    topology: Topology,
    layout: Layout,
    organisation: Organisation,
): BuilderConfiguration {
    const shares = !ownServices(topology).some(({ id }) => id === organisation.id);
    const address = (chaincode: Topology['chaincodes'][number]): string =>
        hostPort(shares ? chaincode.service : ownService(topology, organisation, chaincode));
    const tls: ChaincodeTlsFiles = shares ? layout.chaincodeTls : layout.chaincodeTlsOf(organisation.id);
    return {
        chaincode: Object.fromEntries(topology.chaincodes.map((each) => [each.name, address(each)])),
        root_cert: readFileSync(tls.root, 'utf8'),
        client_cert: readFileSync(tls.clientCertificate, 'utf8'),
        client_key: readFileSync(tls.clientKey, 'utf8'),
    };
}
