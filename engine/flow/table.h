/* table - what flow's files share: the flow, its session while somebody parses it, and the stage itself. */
#ifndef FLOW_TABLE_H
#define FLOW_TABLE_H

#include "base/lru.h"
#include "flow/body.h"
#include "flow/decoder_set.h"
#include "flow/enrich.h"
#include "flow/flow.h"

enum { TOC_HISTORY = 30, TOC_NONE_INDEX = -1, TOC_SERVICES = 4, TOC_PROBE_BYTES = 1024, TOC_PROBE_CHUNKS = 16 };

/* TCP end points as Zeek names them (src/analyzer/protocol/tcp): wire.md, conn_state. */
enum tcp_state { TCP_INACTIVE, TCP_SYN_SENT, TCP_SYN_ACK_SENT, TCP_PARTIAL, TCP_ESTABLISHED, TCP_CLOSED, TCP_RESET };

struct tcp_end {
	uint64_t start, last,
		ack; /* sequence numbers without wrap-around; start = before the first byte (the SYN's place) */
	uint32_t fin_seq, hist_seq[3]; /* of the last S/H, F, R in the history */
	uint8_t state, before;	       /* enum tcp_state; before the last change */
	bool seen, fin;		       /* start is known; a FIN was sent */
	bool doubtful;		       /* its reset was outside of what the receiver takes */
	bool has_window;	       /* another packet than a SYN told one */
	bool again;		       /* a SYN came inside the connection: again_seq */
	bool jumped;		       /* or another one before it was answered: the number of the one before */
	uint16_t window;	       /* the last one told, not scaled */
	uint32_t again_seq;
};

/* A SYN's window and options in their order (syn.c): what systems can be told apart by. */
struct syn_print {
	uint64_t kinds; /* enum syn_option, four bits each, the first lowest */
	uint16_t window, mss;
	uint8_t n, scale;
	bool seen, has_scale, fast_open;
};

/* History letters that appear once a direction. */
enum { HIST_ACK = 1, HIST_DATA = 2, HIST_MULTI = 4, HIST_FINRST = 8, HIST_SYN = 16, HIST_FIN = 32, HIST_RST = 64 };

struct session;
struct due;

/* The flows whose packets carry a flow's, outermost first; one that changes its tunnels has more than their depth. */
enum { TOC_PARENTS = 8 };
struct parents {
	unsigned n;
	uint64_t uid[TOC_PARENTS];
};

/* One flow. [0] is the originator, [1] the responder. */
struct flow {
	struct toc_addr addr[2];
	uint16_t port[2];
	uint8_t proto;
	bool one_way; /* ICMP without a counterpart */
	uint8_t hist_seen[2];
	int32_t bucket_next, older, newer;  /* hash chain (also free list); order of creation */
	int32_t slot_next, slot_prev, slot; /* timer */
	toc_time first, last;		    /* ts of the first and last packet */
	toc_time born, seen;		    /* at of the first and last packet */
	toc_time due;			    /* when the timer looks at it */
	toc_time report_due;		    /* when the bytes that wait are reported; 0 = none wait */
	toc_time told_at;		    /* of the last report; 0 = none yet */
	uint64_t ordinal, uid;
	uint64_t packets[2], ip_bytes[2], bytes[2], told[2], missed;
	uint32_t counts[2][4];	  /* g t w c */
	uint32_t told_resent;	  /* of both t: at the last report */
	uint32_t told_packets[2]; /* at the last report, modulo 2^32 */
	uint16_t vlan, inner_vlan, iface;
	uint8_t history_n;
	bool closing;		      /* due is the end: both sides closed, reset, attempt failed */
	bool flipped, icmp6, decided; /* decided: no probing any more */
	struct toc_mac mac[2];
	struct parents *parents;     /* NULL: not in a tunnel */
	uint64_t path;		     /* of the tunnels around it (and its VLANs, by configuration): part of the key */
	uint32_t weirds;	     /* a bit for each enum flow_weird told */
	uint8_t tunnel;		     /* enum toc_tunnel: packets were found in its payload */
	uint8_t depth;		     /* packets around its first one */
	bool followed;		     /* another stage tells of it */
	uint8_t ttl[2];		     /* of each side's first packet; 0 = none yet */
	bool tunnel_told;	     /* and those of flows among them */
	const char *message_service; /* confirmed by a decoder of messages; static storage */
	char history[TOC_HISTORY + 1];
	struct tcp_end end[2];
	struct syn_print syn[2];
	struct session *session; /* NULL: nobody parses */
};

/* A segment that waits for the hole in front of it; bytes NULL: only its place is kept. */
struct segment {
	struct segment *next;
	uint64_t at;
	uint32_t n;
	bool has_bytes;
	uint8_t bytes[];
};

/* Delivered bytes that the receiver has not acknowledged: others in their place are a second reading (recent.c). */
enum { TOC_RECENT = 4096 };
struct recent {
	struct recent *next; /* while it is free */
	uint64_t from;
	uint32_t n;
	uint8_t bytes[TOC_RECENT];
};

/* One direction of a stream: what was delivered, what waits. */
struct stream {
	uint64_t next;		 /* sequence number of the next byte to deliver */
	struct segment *waiting; /* ascending, not overlapping */
	struct segment *last;	 /* of them */
	size_t waiting_bytes;	 /* with what each costs beside */
	unsigned nwaiting;
	uint8_t *unread; /* given to the decoder and not read by it */
	size_t unread_n, unread_room, need;
	struct recent *recent;
	uint64_t urgent; /* place of the urgent byte that was announced last */
	uint32_t turn;	 /* bytes since the other side spoke, up to TOC_RECENT */
	bool started, has_urgent;
};

struct held {
	struct held *next;
	uint64_t key;
	toc_time until;
	toc_field kind;
	uint32_t size;
	_Alignas(8) uint8_t record[];
};

/* A cell of a decoder's memory; ascending by the last time it was asked for. */
struct cell {
	struct cell *next;
	uint64_t key;
	uint32_t size;
	_Alignas(8) uint8_t bytes[];
};

struct memory {
	struct cell *oldest;
	uint32_t n, bytes;
};

/* Bytes of one direction among those of a probe. */
struct probe_chunk {
	uint8_t dir;
	uint16_t n;
};

/* Whatever a flow needs while it is being probed or parsed. */
struct session {
	const struct toc_decoder *decoder; /* NULL: probing */
	unsigned decoder_index;
	void *state;
	struct decoder_set candidates, hinted; /* not ruled out; the flow's ports are among theirs */
	struct stream stream[2];
	uint8_t *probe; /* bytes so far of both directions, in order of coming */
	uint16_t probe_n, nchunks;
	struct probe_chunk *chunks; /* behind the bytes, in the same piece of memory */
	struct held *held, **held_end;
	unsigned nheld;
	struct toc_body *bodies[2];
	uint32_t nbodies; /* opened so far */
	char service[64];
	uint64_t *weirds; /* hashes of the names told; NULL: none */
	uint8_t nweirds;
	bool confirmed, child, done;
	uint8_t changes;    /* of the decoder, because of a datagram that was none of its own */
	uint8_t idle_calls; /* of a decoder that nobody wants and that has not confirmed */
	const char *child_name;
	struct memory memory;
	struct inner *inners, *inside; /* in order of opening; the one whose decoder runs, NULL: the flow's own */
	unsigned ninners;
	size_t inner_unread;
};

struct expected {
	struct toc_addr host;
	uint16_t port;
	toc_time until;
	unsigned decoder;
};

enum { TOC_EXPECTED = 1024, TOC_WHEEL = 8192, TOC_FLOW_FIELDS = 64 };

/* Which decoders a flow may belong to (candidates.c). */
struct candidates {
	struct decoder_set over[8];   /* by carrier, as a number of a bit */
	struct decoder_set wanted;    /* whose events are used, or those of who comes behind them */
	uint32_t asked[TOC_DECODERS]; /* by decoder: bits of on_demand */
	bool hashes, pe;	      /* of files */
	struct port_hint *ports;      /* by (carrier, port, decoder) */
	size_t nports;
};

struct toc_flows {
	struct toc_flow_config config;
	const struct toc_decoder *const *decoders;
	unsigned ndecoders;
	toc_field *maps[TOC_DECODERS];
	struct candidates candidates;
	toc_field map[TOC_FLOW_FIELDS];
	struct enrich enrich;
	toc_field id_map[4]; /* id.orig_h id.orig_p id.resp_h id.resp_p, for decoders' events */
	struct toc_emit *emit;
	struct toc_hash_key key;
	unsigned shed; /* bits of enum toc_shed */
	struct toc_flow_counters count;
	/* the table */
	struct flow *flows;
	int32_t *buckets;
	uint32_t nbuckets, room, used;
	int32_t free, oldest, newest;
	int32_t hand; /* where the search for a flow to evict goes on */
	/* timers */
	int32_t wheel[TOC_WHEEL];
	toc_time wheel_at; /* advanced up to here */
	int64_t wheel_slot;
	bool slot_open;	  /* the present slot is in the heap */
	struct due *heap; /* what fires now */
	uint32_t heap_n, heap_room, armed;
	/* memory of sessions */
	size_t stream_bytes, held_bytes, probe_bytes;
	struct recent *recent_free;
	unsigned nrecent;
	struct toc_lru *weirds; /* told of pairs */
	struct expected expected[TOC_EXPECTED];
	unsigned nexpected;
	struct toc_bodies *bodies;
	struct toc_sha1 *sha1;
	uint8_t *server_ports; /* bit maps: tcp, then udp */
	/* the call under way */
	struct toc_sink sink;
	struct toc_flow_info info;
	struct flow *now;	  /* whose decoder runs; NULL: of a message that has no flow */
	unsigned depth;		  /* of what is told: events of one frame are in the order of its packets */
	bool following;		  /* the packet is another stage's */
	unsigned message_decoder; /* index + 1 while a decoder of messages runs */
	toc_time at;		  /* the deadline in a timer, else 0: the emit end knows */
	uint64_t ordinal;
	struct toc_draft draft, body_draft;
};

/* table.c */
struct flow *flow_find(struct toc_flows *f, const struct toc_packet *p, unsigned *dir);
struct flow *flow_add(struct toc_flows *f, const struct toc_packet *p, bool flip);
void flow_remove(struct toc_flows *f, struct flow *flow);
static inline int32_t flow_index(const struct toc_flows *f, const struct flow *flow)
{
	return (int32_t)(flow - f->flows);
}

/* timer.c: the flow is looked at no later than `due`. */
void timer_arm(struct toc_flows *f, struct flow *flow, toc_time due);
void timer_disarm(struct toc_flows *f, struct flow *flow);
void timer_init(struct toc_flows *f);
void timer_run(struct toc_flows *f, toc_time at);

/* life.c: what a deadline means, and how a flow ends. */
void flow_due(struct toc_flows *f, struct flow *flow, toc_time at);
toc_time flow_deadline(const struct toc_flows *f, const struct flow *flow);
void flow_end(struct toc_flows *f, struct flow *flow, toc_time at, uint64_t ordinal, enum toc_end why);

/* tcp.c: states, sequence numbers, history. Returns the payload's place without wrap-around; 0: the receiver does not
 * take it. */
uint64_t tcp_track(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir);
uint64_t tcp_size(const struct flow *flow, unsigned dir);
void flow_history(struct flow *flow, unsigned dir, char letter);
void flow_history_count(struct flow *flow, unsigned dir, unsigned which, char letter);

/* tcp_odd.c: what no sound TCP sends, before it changes the state. False: the receiver passes over the packet. */
bool tcp_sound(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir);
/* The number in the endpoint's unwrapped space that is nearest to `near`. */
static inline uint64_t tcp_unwrap(uint64_t near, uint32_t seq)
{
	return near + (uint64_t)(int64_t)(int32_t)(seq - (uint32_t)near);
}

/* syn.c: "64240:mss1460,nop,ws8,nop,nop,sok", the window first; out has SYN_TEXT bytes. */
enum { SYN_TEXT = 160 };
void syn_note(struct syn_print *syn, const struct toc_packet *p);
size_t syn_text(const struct syn_print *syn, char *out);

/* recent.c: ack is the first number that the receiver has not acknowledged. */
void recent_note(struct toc_flows *f, struct stream *s, uint64_t at, struct toc_span bytes, uint64_t ack);
void recent_release(struct toc_flows *f, struct stream *s);
bool recent_differs(const struct stream *s, uint64_t at, struct toc_span bytes);
void recent_free_all(struct toc_flows *f);

/* stream.c */
void stream_segment(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir, uint64_t seq);
void stream_acked(struct toc_flows *f, struct flow *flow, unsigned dir, uint64_t upto);
void stream_flush(struct toc_flows *f, struct flow *flow, unsigned dir);
void stream_free(struct toc_flows *f, struct stream *s);

/* shed.c: whether these are let go now; counted. The checksum of p; bytes of a body; n bytes of a stream at a place. */
bool shed_checksum(struct toc_flows *f, const struct flow *flow, const struct toc_packet *p);
bool shed_body(struct toc_flows *f, struct toc_body *b, struct toc_span bytes);
bool shed_stream(struct toc_flows *f, const struct flow *flow, unsigned dir, uint64_t at, uint64_t n);

/* probe.c: bytes for whoever parses. gap: n bytes that are missing. */
void session_bytes(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes);
void session_gap(struct toc_flows *f, struct flow *flow, unsigned dir, uint64_t n);
void session_datagram(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes);
bool session_open(struct toc_flows *f, struct flow *flow, const struct toc_packet *p);
void session_end(struct toc_flows *f, struct flow *flow, enum toc_end why);
void session_parse_done(struct toc_flows *f, struct flow *flow, enum toc_end why);

/* messages.c: the decoders of what is neither TCP nor UDP. flow: NULL under IP. */
void flow_message(struct toc_flows *f, struct flow *flow, const struct toc_packet *p);

/* candidates.c */
bool candidates_new(struct toc_flows *f);
void candidates_free(struct toc_flows *f);
struct decoder_set candidates_over(const struct toc_flows *f, enum toc_carrier carrier);
struct decoder_set candidates_hinted(const struct toc_flows *f, const struct flow *flow);
static inline bool candidates_wanted(const struct toc_flows *f, unsigned decoder)
{
	return decoder_set_has(&f->candidates.wanted, decoder);
}

/* Is that field, one on demand, read by anybody? */
bool candidates_asked(const struct toc_flows *f, unsigned decoder, unsigned field);

/* tunnel.c: packets around packets. */
void tunnel_seen(struct toc_flows *f, struct flow *flow, const struct toc_packet *inner);
void tunnel_ended(struct toc_flows *f, struct flow *flow, enum toc_end why);
void tunnel_by_decoder(struct toc_sink *sink, const char *type);
void parents_note(struct flow *flow, const struct parents *p);
/* An IP tunnel is an event pair of its own and no connection, as in Zeek: neither conn nor transfer tell of it. */
static inline bool tunnel_only(const struct flow *flow)
{
	return flow->tunnel_told && flow->proto != TOC_IPPROTO_UDP;
}

/* Oddities that the flow stage itself meets (weird.def). */
enum flow_weird {
#define WEIRD(id, name) WEIRD_##id,
#include "flow/weird.def"
#undef WEIRD
	FLOW_WEIRDS
};

/* weird.c: an oddity is told once a flow and name, or where there is none, once a pair, name and ten minutes. */
struct toc_lru *weird_table(const struct toc_hash_key *key);
/* Whether this was told of two hosts; if not, it is told from now on, for so long. */
bool told_of_pair(struct toc_flows *f, uint64_t name, const struct toc_addr pair[2], toc_time at, toc_time again);
void weird_tell(struct toc_sink *sink, const char *name);
void weird_flow(struct toc_flows *f, struct flow *flow, enum flow_weird what);
void weird_packet(struct toc_flows *f, const struct flow *flow, const struct toc_packet *p);

/* sink.c. may_hand_on: the decoder that runs names that one; else it is counted, and nothing happens. */
bool may_hand_on(struct toc_flows *f, const char *decoder);
extern const struct toc_sink_ops flow_sink_ops;
void sink_enter(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, toc_time ts);
void held_emit_due(struct toc_flows *f, struct flow *flow, toc_time at, bool all);
toc_time held_deadline(const struct session *s);
void session_close_bodies(struct toc_flows *f, struct flow *flow);
void flow_emit(struct toc_flows *f, struct toc_draft *d);

/* inner.c: decoders inside decoders. */
bool inner_bytes(struct toc_sink *sink, const char *decoder, uint64_t key, enum toc_dir dir, struct toc_span bytes);
void inner_gap(struct toc_sink *sink, const char *decoder, uint64_t key, enum toc_dir dir, uint64_t n);
void inner_close(struct toc_sink *sink, const char *decoder, uint64_t key);
void inner_finish_all(struct toc_flows *f, struct flow *flow, enum toc_end why);
void inner_discard_all(struct toc_flows *f, struct flow *flow);
toc_time inner_deadline(const struct session *s);
void inner_emit_due(struct toc_flows *f, struct flow *flow, toc_time at);
struct toc_flows *flows_of(struct toc_sink *sink);

/* memory.c: cells of the decoder that runs. */
void *memory_cell(struct toc_sink *sink, uint64_t key, size_t size);
void memory_forget(struct toc_sink *sink, uint64_t key);
bool memory_oldest(struct toc_sink *sink, uint64_t *key);
void memory_free(struct toc_flows *f, struct memory *m);

/* conn.c */
void conn_emit(struct toc_flows *f, struct flow *flow, toc_time at, uint64_t ordinal);
void transfer_emit(struct toc_flows *f, struct flow *flow, toc_time at, bool final);
/* first = the field of the kind's originator; the other three follow it. */
void flow_put_ends(const struct flow *flow, struct toc_draft *d, unsigned first);
const char *flow_proto_name(uint8_t proto);
/* The flow's payload bytes of one direction so far, as conn counts them. */
uint64_t flow_bytes(const struct flow *flow, unsigned dir);

/* community.c: "1:" and base64; out has 32 bytes. */
void community_id(struct toc_sha1 *sha1, const struct flow *flow, char out[32]);

/* Own fields, indices into f->map. */
enum flow_field {
	EV_CONN,
	FC_ORIG_H,
	FC_ORIG_P,
	FC_RESP_H,
	FC_RESP_P,
	FC_PROTO,
	FC_SERVICE,
	FC_DURATION,
	FC_ORIG_BYTES,
	FC_RESP_BYTES,
	FC_STATE,
	FC_MISSED,
	FC_HISTORY,
	FC_ORIG_PKTS,
	FC_ORIG_IP,
	FC_RESP_PKTS,
	FC_RESP_IP,
	FC_IP_PROTO,
	FC_VLAN,
	FC_INNER_VLAN,
	FC_ORIG_L2,
	FC_RESP_L2,
	FC_COMMUNITY,
	FC_PARENTS,
	FC_ORIG_TTL,
	FC_RESP_TTL,
	FC_ORIG_SYN,
	FC_RESP_SYN,
	EV_TRANSFER,
	FT_ORIG_H,
	FT_ORIG_P,
	FT_RESP_H,
	FT_RESP_P,
	FT_PROTO,
	FT_SERVICE,
	FT_DURATION,
	FT_ORIG_BYTES,
	FT_RESP_BYTES,
	FT_ORIG_TOTAL,
	FT_RESP_TOTAL,
	FT_ORIG_PKTS,
	FT_RESP_PKTS,
	FT_RESENT,
	FT_SHARE,
	FT_FINAL,
	EV_WEIRD,
	FW_ORIG_H,
	FW_ORIG_P,
	FW_RESP_H,
	FW_RESP_P,
	FW_NAME,
	EV_TUNNEL,
	FU_ORIG_H,
	FU_ORIG_P,
	FU_RESP_H,
	FU_RESP_P,
	FU_TYPE,
	FU_ACTION,
	N_FLOW_FIELDS
};

#endif
