import { peer } from '@hyperledger/fabric-protos';

import type { ChaincodePackage } from '../../chaincode/chaincode-package';
import type { InstalledChaincodes } from '../../chaincode/installed-chaincodes';

const { lifecycle } = peer;

/** Thrown for a package id that is not installed here; clients tell it apart by status 404. */
export class PackageNotFound extends Error {
    override readonly name = 'PackageNotFound';

    constructor(packageId: string) {
        super(`chaincode install package '${packageId}' not found`);
    }
}

/** A committed chaincode that runs from a package. */
export interface PackageUse {
    readonly channelId: string;
    readonly name: string;
    readonly version: string;
}

export interface PackagesContext {
    readonly installed: InstalledChaincodes;
    readonly usesOf: (packageId: string) => Promise<readonly PackageUse[]>;
}

export async function installPackage(payload: Uint8Array, { installed }: PackagesContext): Promise<Uint8Array> {
    const args = lifecycle.InstallChaincodeArgs.deserializeBinary(payload);
    const { packageId, label } = await installed.install(args.getChaincodeInstallPackage_asU8());
    const result = new lifecycle.InstallChaincodeResult();
    result.setPackageId(packageId);
    result.setLabel(label);
    return result.serializeBinary();
}

function byChannel(uses: readonly PackageUse[]): Map<string, PackageUse[]> {
    const result = new Map<string, PackageUse[]>();
    for (const use of uses) result.set(use.channelId, [...(result.get(use.channelId) ?? []), use]);
    return result;
}

export async function queryInstalled(payload: Uint8Array, context: PackagesContext): Promise<Uint8Array> {
    const packageId = lifecycle.QueryInstalledChaincodeArgs.deserializeBinary(payload).getPackageId();
    const found = context.installed.get(packageId);
    if (!found) throw new PackageNotFound(packageId);
    const { Chaincode, References } = lifecycle.QueryInstalledChaincodeResult;
    const result = new lifecycle.QueryInstalledChaincodeResult();
    result.setPackageId(packageId);
    result.setLabel(found.label);
    for (const [channelId, uses] of byChannel(await context.usesOf(packageId))) {
        const references = new References();
        references.setChaincodesList(uses.map((use) => named(new Chaincode(), use)));
        result.getReferencesMap().set(channelId, references);
    }
    return result.serializeBinary();
}

/** Fabric's two answers have a message each for the same two fields. */
function named<M extends { setName(name: string): void; setVersion(version: string): void }>(
    message: M,
    { name, version }: { readonly name: string; readonly version: string },
): M {
    message.setName(name);
    message.setVersion(version);
    return message;
}

async function installedMessage(
    { packageId, label }: ChaincodePackage,
    context: PackagesContext,
): Promise<peer.lifecycle.QueryInstalledChaincodesResult.InstalledChaincode> {
    const { Chaincode, InstalledChaincode, References } = lifecycle.QueryInstalledChaincodesResult;
    const message = new InstalledChaincode();
    message.setPackageId(packageId);
    message.setLabel(label);
    for (const [channelId, uses] of byChannel(await context.usesOf(packageId))) {
        const references = new References();
        references.setChaincodesList(uses.map((use) => named(new Chaincode(), use)));
        message.getReferencesMap().set(channelId, references);
    }
    return message;
}

export async function queryAllInstalled(_payload: Uint8Array, context: PackagesContext): Promise<Uint8Array> {
    const messages = await Promise.all(context.installed.list().map((each) => installedMessage(each, context)));
    const result = new lifecycle.QueryInstalledChaincodesResult();
    result.setInstalledChaincodesList(messages);
    return result.serializeBinary();
}

export async function getPackage(payload: Uint8Array, { installed }: PackagesContext): Promise<Uint8Array> {
    const packageId = lifecycle.GetInstalledChaincodePackageArgs.deserializeBinary(payload).getPackageId();
    const bytes = await installed.bytes(packageId);
    if (!bytes) throw new PackageNotFound(packageId);
    const result = new lifecycle.GetInstalledChaincodePackageResult();
    result.setChaincodeInstallPackage(bytes);
    return result.serializeBinary();
}
