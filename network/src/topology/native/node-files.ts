import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { repositoryRoot, type Layout } from '../layout';
import type { Organisation, OrderingSeat } from '../topology';
import { hostPort, ordererPorts, peerPorts } from './ports';

/** Names of a node's process and of its configuration's folder. */
export const peerNode = ({ id }: Pick<Organisation, 'id'>): string => `peer-${id}`;
export const ordererNode = ({ id }: Pick<Organisation, 'id'>): string => `orderer-${id}`;

/** Settings by name, as YAML has them. */
export interface Settings {
    readonly [name: string]: unknown;
}

export interface CoreYamlOptions {
    /** Within the home's; the peer that runs has its own. */
    readonly folder?: string | undefined;
    readonly clientAuthRequired?: boolean | undefined;
}

/**
 * Writes the `core.yaml` of an organisation's Fabric peer.
 *
 * @param ccaasBuilder folder of the builder; without one the file serves the peer command only.
 * @returns the folder it lies in.
 */
export function writeCoreYaml(
    organisation: Organisation,
    layout: Layout,
    ccaasBuilder: string | undefined,
    { folder = peerNode(organisation), clientAuthRequired = false }: CoreYamlOptions = {},
): string {
    return writeSettings(
        'core.yaml',
        layout.fabricConfiguration(folder),
        coreSettings(organisation, layout, ccaasBuilder, clientAuthRequired),
    );
}

/**
 * @param layout as the peer sees it: in a container paths are others.
 * @param clientAuthRequired whether clients have to show TLS certificates: the peer's own authority, so that it can be made to join, and then those
 * of the channel's members.
 */
export function coreSettings(
    organisation: Organisation,
    layout: Layout,
    ccaasBuilder: string | undefined,
    clientAuthRequired = false,
): Settings {
    const { id, domain, mspId, peer } = organisation;
    const files = layout.organisation(organisation);
    const { chaincodeListener, operations } = peerPorts(organisation);
    const address = hostPort(peer);
    const ledger = layout.ledger(id);
    return {
        peer: {
            id: `peer0.${domain}`,
            networkId: domain,
            listenAddress: address,
            address,
            chaincodeListenAddress: hostPort(chaincodeListener),
            chaincodeAddress: hostPort(chaincodeListener),
            localMspId: mspId,
            mspConfigPath: files.peer.msp,
            fileSystemPath: ledger,
            // Without an external endpoint other organisations' gateways do not find this peer.
            gossip: { bootstrap: address, endpoint: address, externalEndpoint: address },
            tls: {
                cert: { file: files.peer.tls.certificate },
                key: { file: files.peer.tls.key },
                rootcert: { file: files.peer.tls.roots },
                ...(clientAuthRequired && { clientAuthRequired, clientRootCAs: { files: [files.peer.tls.roots] } }),
            },
        },
        chaincode: {
            externalBuilders:
                ccaasBuilder === undefined
                    ? []
                    : [
                          {
                              name: 'ccaas_builder',
                              path: ccaasBuilder,
                              propagateEnvironment: ['CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG'],
                          },
                      ],
        },
        ledger: { snapshots: { rootDir: join(ledger, 'snapshots') } },
        operations: { listenAddress: hostPort(operations) },
    };
}

/** Writes the `orderer.yaml` of an ordering seat. */
export function writeOrdererYaml(
    organisation: Organisation & { readonly orderingSeat: OrderingSeat },
    layout: Layout,
    clientAuthRequired = false,
): string {
    return writeSettings(
        'orderer.yaml',
        layout.fabricConfiguration(ordererNode(organisation)),
        ordererSettings(organisation, layout, clientAuthRequired),
    );
}

/** @param layout as the orderer sees it. */
export function ordererSettings(
    organisation: Organisation & { readonly orderingSeat: OrderingSeat },
    layout: Layout,
    clientAuthRequired = false,
): Settings {
    const { orderer, tlsCa } = layout.organisation(organisation);
    const { admin, operations } = ordererPorts(organisation.orderingSeat);
    const { host, port } = organisation.orderingSeat;
    const directory = join(layout.ordering, organisation.id);
    const tls = { Certificate: orderer.tls.certificate, PrivateKey: orderer.tls.key };
    return {
        General: {
            ListenAddress: host,
            ListenPort: port,
            LocalMSPID: organisation.mspId,
            LocalMSPDir: orderer.msp,
            TLS: {
                ...tls,
                RootCAs: [tlsCa.certificate],
                ...(clientAuthRequired && { ClientAuthRequired: true, ClientRootCAs: [tlsCa.certificate] }),
            },
            Cluster: { ClientCertificate: tls.Certificate, ClientPrivateKey: tls.PrivateKey },
        },
        FileLedger: { Location: join(directory, 'ledger') },
        Consensus: { WALDir: join(directory, 'wal'), SnapDir: join(directory, 'snapshots') },
        Operations: { ListenAddress: hostPort(operations) },
        Admin: { ListenAddress: hostPort(admin), TLS: { ...tls, ClientRootCAs: [tlsCa.certificate] } },
    };
}

/** Writes one of Fabric's files: what is the same for all, with a node's own settings over it. Returns its folder. */
export function writeSettings(name: string, directory: string, own: Settings): string {
    const template = parse(readFileSync(join(repositoryRoot, 'network', 'fabric', name), 'utf8')) as Settings;
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, name), stringify(merged(template, own)));
    return directory;
}

/** What both have is merged where both are groups, else the second's. */
export function merged(base: Settings, over: Settings): Settings {
    const both = Object.entries(over).map(([name, value]) => {
        const below = base[name];
        return [name, isSettings(below) && isSettings(value) ? merged(below, value) : value] as const;
    });
    return { ...base, ...Object.fromEntries(both) };
}

function isSettings(value: unknown): value is Settings {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
