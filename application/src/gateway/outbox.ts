/** A transaction that was signed and may have been sent. */
export interface Sent {
    readonly transactionId: string;
    /** Names what is asked for: the same request has the same name, whoever makes it again. */
    readonly request: string;
    /** `auction:submitOrders` */
    readonly transaction: string;
    /** With all endorsements and our signature: handing them in again is the same transaction, and a second one is never valid. */
    readonly bytes: Uint8Array;
}

/** What keeps transactions from before they are sent until it is known what became of them. */
export interface Outbox {
    /** Back only when it would survive a power cut. */
    keep(sent: Sent): void;
    /** It is known what became of it. */
    settled(transactionId: string): void;
    /** The oldest first. */
    readonly pending: readonly Sent[];
}

/** What became of a transaction that was pending. */
export interface Recovered {
    readonly transaction: string;
    readonly transactionId: string;
    /** `VALID`, another validation code, or `UNKNOWN` where the network says nothing of it. */
    readonly outcome: string;
}
