/* flow - packets to connections: table, TCP, protocol detection, decoders, conn and transfer events. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/emit.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/psl.h"
#include "tocsin/decoder.h"

/* A log line that was seen on its way; borrowed for the call. */
struct toc_wire_line {
	struct toc_span text;
	bool truncated;
	uint32_t index; /* head.index of events that are made of it */
	uint64_t uid;
	const struct toc_flow_info *flow;
	enum toc_dir from;
};

/* Who takes them, embedded in the taker's struct. True: an event `syslog` with the flow's ends was emitted. */
struct toc_wire_lines {
	bool (*take)(struct toc_wire_lines *self, const struct toc_wire_line *line);
};

/* Who looks at packets once their flow has taken them, embedded in the looker's struct. */
struct toc_packet_about {
	uint64_t uid;
	uint64_t number;     /* of the packet in its flow, from 1 */
	uint64_t before;     /* payload bytes of its direction that came before it */
	const char *service; /* recognised so far, comma-separated; NULL = none */
};
struct toc_packet_tap {
	void (*see)(struct toc_packet_tap *self, const struct toc_packet *p, const struct toc_packet_about *about);
};

/* Caps and timeouts; 0 = the default in brackets. Sizes are for one worker. */
struct toc_flow_config {
	size_t flows;		   /* [1,048,576] flows in the table */
	size_t stream_bytes;	   /* [128 MiB] out-of-order and unread bytes of all flows, and what they cost */
	size_t stream_flow_bytes;  /* [1 MiB] of one flow and direction */
	size_t held_bytes;	   /* [64 MiB] events held by decoders, all flows */
	unsigned held_flow;	   /* [64] of one flow */
	uint64_t sensor;	   /* goes into uid: fixed hash of the sensor's name */
	uint64_t link_mbps;	   /* what the tapped link carries each way; 0 = unknown: transfers have no share */
	const struct toc_psl *psl; /* borrowed; NULL: dns events get no registrable domain */
	/* Decoders whose events are used, by name, "files" and "pe" where those are, and "decoder.field" for fields on
	 * demand; NULL-terminated, borrowed; NULL: all. The others still name the flow's service. */
	const char *const *wanted;
	struct toc_wire_lines *lines;		    /* borrowed; NULL: nobody takes them */
	struct toc_packet_tap *tap;		    /* borrowed; NULL: nobody looks. Sees innermost packets over IP */
	size_t shed_large, shed_first;		    /* [1,000,000, 65,536] bytes: shed.def */
	bool (*verify)(const struct toc_packet *p); /* looks at p->unverified; NULL: such packets do not come */
	bool vlan_key; /* the same ends in two VLANs or tunnels are two flows; else a flow may change its way */
	bool parse;    /* false: flows only, no decoders */
};

struct toc_flows;

/* What may be let go under pressure (shed.def): numbers of bits. */
enum toc_shed {
#define SHED(name, text) TOC_SHED_##name,
#include "flow/shed.def"
#undef SHED
	TOC_SHEDS
};
/* Static storage. */
const char *toc_shed_name(enum toc_shed what);

/* decoders: NULL-terminated, borrowed. emit gets every event. Owned by the caller. */
struct toc_flows *toc_flows_new(const struct toc_flow_config *config, const struct toc_decoder *const *decoders,
				struct toc_intern *names, const struct toc_hash_key *key, struct toc_emit *emit);
void toc_flows_free(struct toc_flows *f);

/* More decoders' events are used from here on: config.wanted's form. None that is used now stops. */
void toc_flows_want(struct toc_flows *f, const char *const *wanted);

/* From here on these are let go, a bit each; what was let go of a body or a stream does not come back. */
void toc_flows_shed(struct toc_flows *f, unsigned what);

/* Takes one packet, those around it first. Timers with a deadline up to p->at run before. */
void toc_flows_packet(struct toc_flows *f, const struct toc_packet *p);

/*
 * The same where several stages share a frame. around: the packets around p are this stage's, and p itself if there are
 * none; else their flows are followed without a word, so that all stages know them by the same uid. inside: p is,
 * where it is carried.
 */
void toc_flows_shared(struct toc_flows *f, const struct toc_packet *p, bool around, bool inside);

/* Takes what is left of a frame that decode dropped: tells its oddity, where it had one. */
void toc_flows_dropped(struct toc_flows *f, const struct toc_packet *p);

/* Runs timers with a deadline up to `at`, in order of (deadline, flow's first ordinal). */
void toc_flows_advance(struct toc_flows *f, toc_time at);

/* End of input: held events, last transfers, conn events of all flows in order of their first packet; the table is
 * empty after. */
void toc_flows_finish(struct toc_flows *f, toc_time at);

/* FLOWCOUNT(name, "meaning"): in = out + drops over this stage. */
struct toc_flow_counters {
#define FLOWCOUNT(name, text) uint64_t name;
#include "flow/count.def"
#undef FLOWCOUNT
};
const struct toc_flow_counters *toc_flows_count(const struct toc_flows *f);

/* Kinds that flow itself emits (conn, transfer, weird, files): for the dictionary. */
extern const struct toc_field_decl toc_flow_fields[];
extern const unsigned toc_flow_nfields;

#endif
