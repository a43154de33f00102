/** What a peer may cost a connection before it is closed with ENHANCE_YOUR_CALM. */

/**
 * Streams that were ended for nothing: by a reset of the client (CVE-2023-44487) or by one that the client made us send
 * (CVE-2025-8671). nghttp2's default for both (nghttp2_option_set_stream_reset_rate_limit); beyond it each stream that
 * ends as it should allows for one that does not, so that a busy client may cancel half of its calls.
 */
export const futileStreams = { burst: 1_000, perSecond: 33 } as const;

/**
 * Frames that move nothing: SETTINGS, PING, PRIORITY, WINDOW_UPDATE, RST_STREAM, unknown types, pieces of DATA with fewer
 * bytes than `tinyDataBytes` (CVE-2019-9511, -9512, -9513, -9515, -9517, -9518). The burst is the control queue that
 * golang.org/x/net/http2 allows for the same attacks; frames that move something earn `perUsefulFrame` of them, which
 * covers a peer that gives back each window byte by byte of frame (one WINDOW_UPDATE for the stream, one for the connection).
 */
export const idleFrames = { burst: 10_000, perSecond: 1_000, perUsefulFrame: 4 } as const;

/** Fewer than any message of a protocol above has in a piece of its own. */
export const tinyDataBytes = 5;

/** A SETTINGS frame may change the windows of all streams and the tables of both sides. */
export const settingsCost = 20;

/**
 * Bytes of a gathered header block for each byte of the header list that is allowed: a block is mostly smaller than its
 * list (RFC 9113, section 6.5.2 adds 32 for each field), so that what exceeds this holds no list worth an answer
 * (CVE-2024-27316, the CONTINUATION flood).
 */
export const gatheredBytesPerListByte = 4;

/** nghttp2's default (NGHTTP2_DEFAULT_MAX_CONTINUATIONS) is 8; frames may be small, so that bytes alone are no bound. */
export const maxContinuations = 64;

/** PINGs that come too early before the connection is closed (gRPC proposal A8 leaves it to the server; grpc-go has 2). */
export const maxPingStrikes = 2;

/** Answers and control frames that wait because the peer does not read; DATA stops long before. */
export const maxUnreadBytes = 1_048_576;

/** DATA stops when so much waits for the socket. */
export const outputRoomBytes = 131_072;

/** Endings that are remembered, so that a late frame is told from a wrong one (RFC 9113, section 5.1). */
export const rememberedEndings = 1_024;

/** What the peer has, after our last frame, to read it and to close its side. */
export const lingerMs = 1_000;

/** So many times that again, while answers are not sent. */
export const unsentLingers = 9;
