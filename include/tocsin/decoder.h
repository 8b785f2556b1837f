/* decoder - the contract between a wire protocol (one file in decoders/) and the engine. */
#ifndef TOCSIN_DECODER_H
#define TOCSIN_DECODER_H

#include "tocsin/cursor.h"
#include "tocsin/draft.h"
#include "tocsin/field.h"
#include "tocsin/packet.h"

enum toc_dir { TOC_ORIG, TOC_RESP };

/*
 * Over TCP and UDP, and inside another decoder, a decoder has a flow and state. Over all others parse gets one message
 * a call, state is NULL, dir is TOC_ORIG, and what it returns says nothing; it neither holds events nor opens bodies.
 * Of these the ones over IP have the flow's ends in their events and may confirm.
 */
enum toc_carrier {
	TOC_OVER_TCP = 1,
	TOC_OVER_UDP = 2,
	TOC_OVER_ARP = 4,   /* an ARP body */
	TOC_OVER_ICMP6 = 8, /* an ICMPv6 message, its header first */
	TOC_OVER_ICMP4 = 16,
	TOC_OVER_IP = 32,	/* the payload of an IP protocol named in ip_protocols */
	TOC_OVER_LINK = 64,	/* the payload of a link protocol named in links */
	TOC_OVER_INNER = 0x4000 /* bytes that another decoder found in its own (toc_sink_inner); never asked to probe */
};

enum { TOC_ON_DEMAND = 32 };

enum toc_probe { TOC_NO, TOC_MAYBE, TOC_YES };

/*
 * What parse says after reading from its cursor. Unread bytes of a TCP stream are offered again, in front of
 * the next ones. A datagram's unread bytes are dropped.
 * MORE: call again when there is more (with toc_more: not before n unread bytes are there).
 * DONE: this decoder wants nothing more of the flow. BAD: not my protocol, or broken beyond recovery.
 */
enum toc_parse { TOC_MORE, TOC_DONE, TOC_BAD };

/* Why a flow ends. */
enum toc_end { TOC_END_CLOSED, TOC_END_RESET, TOC_END_TIMEOUT, TOC_END_EVICTED, TOC_END_INPUT };

/* What a decoder may know of its flow; borrowed, constant while the call lasts. */
struct toc_flow_info {
	struct toc_addr orig, resp;
	uint16_t orig_port, resp_port;
	enum toc_carrier carrier;
	const struct toc_packet *packet; /* the packet being parsed; NULL in finish */
	toc_time start;			 /* ts of the flow's first packet */
};

/* How a body is wrapped on the wire (RFC 9110, section 8.4.1); the files service undoes it. */
enum toc_coding { TOC_CODING_NONE, TOC_CODING_GZIP, TOC_CODING_DEFLATE, TOC_CODING_BROTLI };

/* How the engine describes a file body that passed (files service). */
struct toc_body_summary {
	char fuid[20];		/* NUL-terminated; "" when there was no body */
	const char *mime;	/* by content; NULL when unknown or no body; static storage */
	uint64_t seen, missing; /* bytes; seen counts decoded ones where the body was coded */
};

struct toc_sink;

/*
 * The engine's services to a decoder. Every function takes the sink itself. Callers use the toc_sink_* wrappers.
 * A decoder may hold at most one draft at a time: begin or resume gives it, commit or hold takes it back.
 */
struct toc_sink_ops {
	struct toc_draft *(*begin)(struct toc_sink *, unsigned kind);
	void (*commit)(struct toc_sink *, struct toc_draft *);
	void (*hold)(struct toc_sink *, struct toc_draft *, uint64_t key);
	struct toc_draft *(*resume)(struct toc_sink *, unsigned kind, uint64_t key);
	void (*confirm)(struct toc_sink *, const char *service);
	void (*weird)(struct toc_sink *, const char *name);
	void (*body_open)(struct toc_sink *, enum toc_dir, const char *source, struct toc_span name, uint64_t expected);
	void (*body_data)(struct toc_sink *, enum toc_dir, struct toc_span);
	void (*body_gap)(struct toc_sink *, enum toc_dir, uint64_t n);
	uint64_t (*body_place)(struct toc_sink *, enum toc_dir, uint64_t at, struct toc_span);
	void (*body_close)(struct toc_sink *, enum toc_dir, struct toc_body_summary *);
	void (*child)(struct toc_sink *, const char *decoder);
	void (*expect)(struct toc_sink *, const struct toc_addr *host, uint16_t port, const char *decoder);
	void (*body_coding)(struct toc_sink *, enum toc_dir, enum toc_coding);
	bool (*inner)(struct toc_sink *, const char *decoder, uint64_t key, enum toc_dir, struct toc_span);
	void (*inner_gap)(struct toc_sink *, const char *decoder, uint64_t key, enum toc_dir, uint64_t n);
	void (*inner_close)(struct toc_sink *, const char *decoder, uint64_t key);
	void *(*memory)(struct toc_sink *, uint64_t key, size_t size);
	void (*forget)(struct toc_sink *, uint64_t key);
	bool (*memory_oldest)(struct toc_sink *, uint64_t *key);
	void (*tunnel)(struct toc_sink *, const char *type);
	bool (*line)(struct toc_sink *, enum toc_dir from, struct toc_span text, bool truncated);
	bool (*asks)(struct toc_sink *, unsigned field);
};

struct toc_sink {
	const struct toc_sink_ops *ops;
	const struct toc_flow_info *flow;
	toc_time ts; /* of the packet (or the deadline, in finish) */
	size_t need; /* set by toc_more */
};

/*
 * Starts an event of a kind (index of its TOC_KIND entry). Already set: at, ts = sink->ts (change head.ts to
 * the flow's or the request's time where Zeek does), uid and the four id.* fields where there is a flow.
 */
static inline struct toc_draft *toc_sink_begin(struct toc_sink *s, unsigned kind)
{
	return s->ops->begin(s, kind);
}

/* Does anybody read that field, one of the decoder's `on_demand`? Where nobody does, it is left unset. */
static inline bool toc_sink_asks(struct toc_sink *s, unsigned field)
{
	return s->ops->asks(s, field);
}

/* Emits the draft. */
static inline void toc_sink_commit(struct toc_sink *s, struct toc_draft *d)
{
	s->ops->commit(s, d);
}

/*
 * Puts a begun event aside under a key until the reply comes: the only memory a decoder has beside its state.
 * Capped per flow (number and bytes): the oldest is then emitted as it stands. Whatever is still held when the
 * flow ends, or longer than the decoder's hold_ns, is emitted as it stands. So "query without reply" needs no code.
 */
static inline void toc_sink_hold(struct toc_sink *s, struct toc_draft *d, uint64_t key)
{
	s->ops->hold(s, d, key);
}

/* Takes back the oldest event of that kind held under the key, to be completed and committed (or held again). NULL:
 * none. */
static inline struct toc_draft *toc_sink_resume(struct toc_sink *s, unsigned kind, uint64_t key)
{
	return s->ops->resume(s, kind, key);
}

/* "This is certainly my protocol": adds the name to conn's `service` (NULL: the decoder's own name). Idempotent. */
static inline void toc_sink_confirm(struct toc_sink *s, const char *service)
{
	s->ops->confirm(s, service);
}

/* An oddity with a stable name (Zeek's where there is one): counted, and a `weird` event once a flow and name. */
static inline void toc_sink_weird(struct toc_sink *s, const char *name)
{
	s->ops->weird(s, name);
}

/*
 * A file body in one direction: open, data and gaps in order, close. One open body a direction. `source` is the
 * protocol's name (static), name the file name or empty, expected the length told by the sender or UINT64_MAX.
 * The engine finds the MIME type from the content, hashes, and emits `files`. A body without a byte makes no event.
 * close fills *out (which may be NULL). A flow that ends closes its bodies.
 */
static inline void toc_body_open(struct toc_sink *s, enum toc_dir dir, const char *source, struct toc_span name,
				 uint64_t expected)
{
	s->ops->body_open(s, dir, source, name, expected);
}

/*
 * Right after open, before the first byte: the bytes that follow are coded so. Called again, what comes out of that is
 * coded so in turn. A body that is not coded after all is taken as it is; what cannot be decoded is counted.
 */
static inline void toc_body_coding(struct toc_sink *s, enum toc_dir dir, enum toc_coding coding)
{
	s->ops->body_coding(s, dir, coding);
}

static inline void toc_body_data(struct toc_sink *s, enum toc_dir dir, struct toc_span bytes)
{
	s->ops->body_data(s, dir, bytes);
}

static inline void toc_body_gap(struct toc_sink *s, enum toc_dir dir, uint64_t n)
{
	s->ops->body_gap(s, dir, n);
}

/*
 * Instead of data and gaps: bytes at their place in the file, in any order (bytes.p NULL: lost). The engine keeps what
 * is behind a hole until that is filled, within bounds; then, and at close, the hole is a gap. Returns the place up to
 * which all is in; 0 where nobody wants files.
 */
static inline uint64_t toc_body_at(struct toc_sink *s, enum toc_dir dir, uint64_t at, struct toc_span bytes)
{
	return s->ops->body_place(s, dir, at, bytes);
}

static inline void toc_body_close(struct toc_sink *s, enum toc_dir dir, struct toc_body_summary *out)
{
	s->ops->body_close(s, dir, out);
}

/*
 * From the next unread byte on, both directions belong to another decoder (STARTTLS, CONNECT): its name, or NULL to
 * probe afresh. Return TOC_DONE after it; this decoder's finish is called first.
 */
static inline void toc_sink_child(struct toc_sink *s, const char *decoder)
{
	s->ops->child(s, decoder);
}

/* This flow carries another one from here on, by Zeek's name of the type ("Tunnel::SOCKS", static): a tunnel event. */
static inline void toc_sink_tunnel(struct toc_sink *s, const char *type)
{
	s->ops->tunnel(s, type);
}

/*
 * A log line that somebody sent to somebody else, without its framing: it goes the way of those that are sent to us,
 * and its sender is the flow's end `from`. True: an event `syslog` tells of it, the decoder need not.
 */
static inline bool toc_sink_line(struct toc_sink *s, enum toc_dir from, struct toc_span text, bool truncated)
{
	return s->ops->line(s, from, text, truncated);
}

/* A flow to this host and port, soon, belongs to that decoder (FTP data and the like). */
static inline void toc_sink_expect(struct toc_sink *s, const struct toc_addr *host, uint16_t port, const char *decoder)
{
	s->ops->expect(s, host, port, decoder);
}

/*
 * A decoder inside a decoder: bytes of an embedded stream (a named pipe, a GSSAPI token, a tunnel's content) go to
 * another decoder by name. Its state lives with the flow under (the caller, decoder, key) and begins with the first
 * bytes; dir says who sent them. What it leaves unread is kept by the engine and offered again in front of the next
 * bytes, as on the flow itself (`need` too). Its events carry the flow's uid and ends, its held events, bodies and
 * memory are its own, its confirm adds to the flow's `service`, and sink->flow->carrier is TOC_OVER_INNER for it. A
 * child that it asks for takes its place. DONE and BAD end it: further bytes under the key are dropped until
 * toc_sink_inner_close. An inner decoder must have TOC_OVER_INNER among its carriers.
 * False: nobody reads these bytes (no such decoder, over, or a cap: 32 a flow, 4 deep, 64 KiB unread each and
 * 1 MiB a flow). Not while a draft is open. `bytes` must not lie in the caller's memory (toc_sink_memory).
 */
static inline bool toc_sink_inner(struct toc_sink *s, const char *decoder, uint64_t key, enum toc_dir dir,
				  struct toc_span bytes)
{
	return s->ops->inner(s, decoder, key, dir, bytes);
}

/* n bytes of dir's embedded stream were lost. Nothing happens where none is open under the key. */
static inline void toc_sink_inner_gap(struct toc_sink *s, const char *decoder, uint64_t key, enum toc_dir dir,
				      uint64_t n)
{
	s->ops->inner_gap(s, decoder, key, dir, n);
}

/* The embedded stream is over: finish, then what it holds is emitted. The flow's end does this for all, after the
 * caller's own finish. */
static inline void toc_sink_inner_close(struct toc_sink *s, const char *decoder, uint64_t key)
{
	s->ops->inner_close(s, decoder, key);
}

/*
 * A decoder's memory beside its state, for tables that are mostly empty (open files, requests that wait): the cell
 * under a key, made with `size` zeroed bytes where there is none; size 0 only looks. A cell that is there keeps its
 * size, whatever is asked. NULL: none, or a cap is reached (128 cells and 64 KiB for a decoder in a flow, and one
 * for all flows). Then forget something: memory_oldest gives the key that was not asked for longest.
 * The cell is the caller's to write, until it is forgotten or the decoder ends (after finish).
 */
static inline void *toc_sink_memory(struct toc_sink *s, uint64_t key, size_t size)
{
	return s->ops->memory(s, key, size);
}

static inline void toc_sink_forget(struct toc_sink *s, uint64_t key)
{
	s->ops->forget(s, key);
}

/* False: no cell at all. */
static inline bool toc_sink_memory_oldest(struct toc_sink *s, uint64_t *key)
{
	return s->ops->memory_oldest(s, key);
}

/* Return this to be called again only when at least n unread bytes are there (n is capped by the engine at 64 KiB). */
static inline enum toc_parse toc_more(struct toc_sink *s, size_t n)
{
	s->need = n;
	return TOC_MORE;
}

/*
 * One protocol. Lives in read-only memory; decoders hold no mutable static, do not allocate, do not log and do not
 * read a clock. However a stream is cut into segments, the events are the same (tests/unit/decoders/test_cut.c).
 */
struct toc_decoder {
	const char *name;		       /* also the default `service` */
	unsigned carriers;		       /* enum toc_carrier bits */
	const uint16_t *tcp_ports, *udp_ports; /* hints, 0-terminated; NULL = none: probed first there, nothing more */
	const uint8_t *ip_protocols;	       /* TOC_OVER_IP, 0-terminated; not TCP, UDP, ICMP or ICMPv6 */
	const uint64_t *links;		       /* TOC_OVER_LINK, as toc_packet.link, 0-terminated */
	/*
	 * Whom it hands streams to (child, expect, inner): names, NULL-terminated, "*" = any; to others nothing is
	 * handed. Where none of the events of a decoder or of those behind it is used, it runs only until it has
	 * confirmed. bodies: it opens some. lines: it hands on log lines, so it always runs.
	 */
	const char *const *leads_to;
	bool bodies, lines;
	bool vital;	    /* it tells who is who, or of logs: its streams are read to their end whatever the load */
	bool urgent_inline; /* TCP: its sockets read urgent bytes in their place (SO_OOBINLINE); others never see them
			     */
	const struct toc_field_decl *fields;
	unsigned nfields;
	/*
	 * Fields that cost work and that few read: indices into `fields`, 0-terminated, TOC_ON_DEMAND at most. They are
	 * filled where toc_sink_asks says so: a rule names them, or all events are written.
	 */
	const uint16_t *on_demand;
	size_t state_size; /* bytes of zeroed state in the flow; the decoder's own struct */
	toc_time hold_ns;  /* how long a held event waits for its reply; 0 = until the flow ends */
	/*
	 * UDP: every so often since the flow's first packet it is asked whether all was silent (for all but a second
	 * of it), and the flow ends if so: Zeek's dns_session_timeout. 0 = only a minute of silence ends it.
	 */
	toc_time udp_session_ns;

	/*
	 * Is this mine? `first` = the bytes so far of one direction (at most 1 KiB; more come if all say MAYBE).
	 * hint = one of the flow's ports is among ours. YES decides; NO rules out for this flow. Asked over TCP and UDP
	 * only: may be NULL where neither is among the carriers.
	 */
	enum toc_probe (*probe)(struct toc_span first, enum toc_dir dir, bool hint);

	/* state is state_size bytes, or NULL where state_size is 0 or the carrier is neither TCP nor UDP. */
	enum toc_parse (*parse)(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink);

	/*
	 * n bytes of dir's stream were lost in front of the next ones. MORE: go on (resynchronise in parse). May be
	 * NULL: then the decoder is finished for this flow. Never called for datagrams.
	 */
	enum toc_parse (*gap)(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *sink);

	/* The flow ended, or this decoder's part of it; may be NULL. Held events are emitted after it. */
	void (*finish)(void *state, enum toc_end why, struct toc_sink *sink);
};

/* Does a decoder name that one (NULL: whichever it is) among those it hands streams to? */
static inline bool toc_decoder_leads_to(const struct toc_decoder *d, const char *name)
{
	const char *const *at = d->leads_to;
	while (at && *at && strcmp(*at, "*") != 0 && (!name || strcmp(*at, name) != 0))
		at++;
	return at && *at;
}

/* All decoders in the order of decoders/decoders.def, NULL at the end. */
extern const struct toc_decoder *const toc_decoders[];

#endif
