/** Bytes that are not what the format asks for; the message says which part. */
export class FormatError extends Error {
    override readonly name: string = 'FormatError';
}

/** An identity or principal that an MSP refuses; the message says why. */
export class MspError extends Error {
    override readonly name: string = 'MspError';
}

/** A policy that Fabric's peers could not compile; the message says which rule it breaks. */
export class MalformedPolicy extends Error {
    override readonly name: string = 'MalformedPolicy';
}
