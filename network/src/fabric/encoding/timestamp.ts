import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';

export function timestampOf(date: Date): Timestamp {
    const timestamp = new Timestamp();
    timestamp.fromDate(date);
    return timestamp;
}

export function dateOf(timestamp: Timestamp | undefined): Date | undefined {
    return timestamp?.toDate();
}
