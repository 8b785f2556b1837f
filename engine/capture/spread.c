/* spread - unordered pair of outer IP addresses to a number, in C and in classic BPF. */
#include "capture/spread.h"

#include "capture/capture.h"
#include "tocsin/cursor.h"

/*
 * Each address is folded to 32 bits (word by word: times FOLD, plus the word) and stirred; the two are added, so
 * their order does not matter, and stirred once more, since workers are chosen by the remainder of a small division.
 */
#define FOLD	   UINT32_C(0x9e3779b1)
#define STIR	   UINT32_C(0x85ebca6b)
#define MAX_TAGS   3 /* VLAN tags and MPLS labels looked through; decode/ looks through as many layers as it likes */
#define MAX_LABELS 4

enum { IP4 = 0x0800, IP6 = 0x86dd, VLAN = 0x8100, QINQ = 0x88a8, OLD_QINQ = 0x9100 };
enum { PPPOE = 0x8864, PPPOE_LENGTH = 8, MPLS = 0x8847, MPLS_UPSTREAM = 0x8848, BOTTOM = 0x100 };
enum { CONTROL_WORD = 4, ETHERNET = 14 }; /* of a pseudowire below the labels (RFC 4448, section 4.6) */

/* What PPP names in a session of PPPoE (RFC 2516, section 4), as an EtherType. */
static const struct ppp {
	uint16_t number, protocol;
} ppp[] = { { 0x0021, IP4 }, { 0x0057, IP6 }, { 0x0281, MPLS }, { 0x0283, MPLS } };

/* What the first four bits below MPLS labels tell (RFC 4928, section 3). */
static const struct below {
	uint8_t version;
	uint16_t protocol;
} below[] = { { 4, IP4 }, { 6, IP6 } };

/* Where the two addresses are, from the start of the IP header, and how many words they have. */
struct pair {
	uint16_t protocol;
	uint8_t src, dst, words;
};
static const struct pair pairs[] = { { IP4, 12, 16, 1 }, { IP6, 8, 24, 4 } };

/* Link headers of a fixed form: where the EtherType and the network header are. */
struct link {
	uint16_t linktype;
	int8_t protocol; /* -1: none, the IP version tells */
	uint8_t network;
};
static const struct link links[] = { { 1, 12, 14 },  { 113, 14, 16 }, { 276, 0, 20 }, { 101, -1, 0 }, { 228, -1, 0 },
				     { 229, -1, 0 }, { 12, -1, 0 },   { 14, -1, 0 },  { 0, -1, 4 },   { 108, -1, 4 } };

static uint32_t stir(uint32_t v)
{
	v *= STIR;
	return v ^ v >> 15;
}

static uint32_t fold(struct toc_cursor in, uint8_t at, uint8_t words)
{
	uint32_t v = 0;
	toc_skip(&in, at);
	while (words--)
		v = v * FOLD + toc_be32(&in);
	return stir(v);
}

static uint32_t spread_ip(struct toc_cursor in, uint16_t protocol)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].protocol == protocol) {
			const struct pair *p = &pairs[i];
			if (!toc_has(&in, p->dst + 4u * p->words))
				return 0;
			return stir(fold(in, p->src, p->words) + fold(in, p->dst, p->words));
		}
	return 0;
}

static bool is_tag(uint16_t protocol)
{
	return protocol == VLAN || protocol == QINQ || protocol == OLD_QINQ;
}

static uint16_t pass_tags(struct toc_cursor *in, uint16_t protocol)
{
	for (unsigned tags = 0; tags < MAX_TAGS && is_tag(protocol); tags++) {
		toc_skip(in, 2);
		protocol = toc_be16(in);
	}
	return protocol;
}

static uint16_t pass_session(struct toc_cursor *in)
{
	toc_skip(in, PPPOE_LENGTH - 2);
	uint16_t number = toc_be16(in);
	for (size_t i = 0; i < sizeof(ppp) / sizeof(ppp[0]); i++)
		if (ppp[i].number == number)
			return ppp[i].protocol;
	return 0;
}

static uint16_t pass_labels(struct toc_cursor *in)
{
	uint32_t label = 0;
	for (unsigned n = 0; n < MAX_LABELS && !(label & BOTTOM); n++)
		label = toc_be32(in);
	struct toc_cursor look = *in;
	uint8_t version = toc_u8(&look) >> 4;
	if (!(label & BOTTOM))
		return 0;
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++)
		if (below[i].version == version)
			return below[i].protocol;
	if (version != 0)
		return 0;
	toc_skip(in, CONTROL_WORD + ETHERNET - 2);
	return pass_tags(in, toc_be16(in));
}

static uint16_t find_network(const struct link *link, struct toc_cursor *in)
{
	struct toc_cursor look = *in;
	toc_skip(in, link->network);
	if (link->protocol < 0) {
		look = *in;
		uint8_t version = toc_u8(&look) >> 4;
		return version == 4 ? IP4 : version == 6 ? IP6 : 0;
	}
	toc_skip(&look, (size_t)link->protocol);
	uint16_t protocol = pass_tags(in, toc_be16(&look));
	if (protocol == PPPOE)
		protocol = pass_session(in);
	return protocol == MPLS || protocol == MPLS_UPSTREAM ? pass_labels(in) : protocol;
}

uint16_t spread_network(const struct toc_frame *frame, struct toc_cursor *in)
{
	*in = toc_cursor_of(frame->bytes);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].linktype == frame->linktype)
			return find_network(&links[i], in);
	return 0;
}

uint32_t toc_spread(const struct toc_frame *frame)
{
	struct toc_cursor in;
	uint16_t protocol = spread_network(frame, &in);
	return spread_ip(in, protocol);
}

uint32_t toc_spread_pair(const struct toc_addr *a, const struct toc_addr *b)
{
	bool v4 = toc_addr_is_v4(a);
	uint8_t at = v4 ? 12 : 0, words = v4 ? 1 : 4;
	return stir(fold(toc_cursor_of(toc_span_of(a->b, sizeof(a->b))), at, words) +
		    fold(toc_cursor_of(toc_span_of(b->b, sizeof(b->b))), at, words));
}

/*
 * The same as a program. A load past the end of the frame ends a classic program with 0, as spread_ip does.
 * X holds the bytes of tags, labels and sessions passed, kept in scratch cell SKIP; ACC is the fold so far, SUM the
 * first address.
 */
enum { SKIP, ACC, SUM };

struct writer {
	struct bpf_insn *out;
	unsigned n;
	uint32_t network;
};

static void emit(struct writer *w, int code, uint32_t k)
{
	w->out[w->n++] = (struct bpf_insn){ .code = (u_short)code, .k = k };
}

/* A conditional jump over the next jt or jf instructions. */
static void jump_equal(struct writer *w, uint32_t k, uint8_t jt, uint8_t jf)
{
	w->out[w->n++] = (struct bpf_insn){ .code = BPF_JMP | BPF_JEQ | BPF_K, .jt = jt, .jf = jf, .k = k };
}

static void emit_stir(struct writer *w)
{
	emit(w, BPF_ALU | BPF_MUL | BPF_K, STIR);
	emit(w, BPF_MISC | BPF_TAX, 0);
	emit(w, BPF_ALU | BPF_RSH | BPF_K, 15);
	emit(w, BPF_ALU | BPF_XOR | BPF_X, 0);
}

static void emit_fold(struct writer *w, uint8_t at, uint8_t words)
{
	for (uint8_t i = 0; i < words; i++) {
		emit(w, BPF_LDX | BPF_W | BPF_MEM, SKIP);
		emit(w, BPF_LD | BPF_W | BPF_IND, w->network + at + 4u * i);
		if (i) {
			emit(w, BPF_LDX | BPF_W | BPF_MEM, ACC);
			emit(w, BPF_ALU | BPF_ADD | BPF_X, 0);
		}
		if (i + 1 < words) {
			emit(w, BPF_ALU | BPF_MUL | BPF_K, FOLD);
			emit(w, BPF_ST, ACC);
		}
	}
	emit_stir(w);
}

static void emit_pair(struct writer *w, const struct pair *p)
{
	emit_fold(w, p->src, p->words);
	emit(w, BPF_ST, SUM);
	emit_fold(w, p->dst, p->words);
	emit(w, BPF_LDX | BPF_W | BPF_MEM, SUM);
	emit(w, BPF_ALU | BPF_ADD | BPF_X, 0);
	emit_stir(w);
	emit(w, BPF_RET | BPF_A, 0);
}

/* Loads from the network header on, behind what was passed so far, and passes n bytes. */
static void emit_pass(struct writer *w, uint32_t n, int size, uint32_t at)
{
	emit(w, BPF_LDX | BPF_W | BPF_MEM, SKIP);
	emit(w, BPF_MISC | BPF_TXA, 0);
	emit(w, BPF_ALU | BPF_ADD | BPF_K, n);
	emit(w, BPF_ST, SKIP);
	emit(w, BPF_LD | size | BPF_IND, w->network + at);
}
enum { PASS = 5 }; /* instructions of emit_pass */

static void emit_tags(struct writer *w)
{
	for (uint32_t tags = 0; tags < MAX_TAGS; tags++) {
		jump_equal(w, VLAN, 2, 0);
		jump_equal(w, QINQ, 1, 0);
		jump_equal(w, OLD_QINQ, 0, PASS);
		emit_pass(w, 4, BPF_H, 2);
	}
}

/* Where A is `number`, it becomes `protocol`, and the program goes on where land is called with the result. */
static unsigned emit_case(struct writer *w, uint32_t number, uint32_t protocol)
{
	jump_equal(w, number, 0, 2);
	emit(w, BPF_LD | BPF_IMM, protocol);
	emit(w, BPF_JMP | BPF_JA, 0);
	return w->n - 1;
}

static void land(struct writer *w, unsigned jump)
{
	w->out[jump].k = w->n - jump - 1;
}

static void emit_session(struct writer *w)
{
	enum { NUMBERS = sizeof(ppp) / sizeof(ppp[0]) };
	unsigned known[NUMBERS], test = w->n;
	jump_equal(w, PPPOE, 0, 0);
	emit_pass(w, PPPOE_LENGTH, BPF_H, PPPOE_LENGTH - 2);
	for (size_t i = 0; i < NUMBERS; i++)
		known[i] = emit_case(w, ppp[i].number, ppp[i].protocol);
	emit(w, BPF_RET | BPF_K, 0);
	for (size_t i = 0; i < NUMBERS; i++)
		land(w, known[i]);
	w->out[test].jf = (u_char)(w->n - test - 1);
}

/* Up to the last label, then a look at the version below it. */
static void emit_bottom(struct writer *w)
{
	unsigned bottom[MAX_LABELS];
	for (unsigned n = 0; n < MAX_LABELS; n++) {
		emit_pass(w, 4, BPF_W, 0);
		bottom[n] = w->n;
		emit(w, BPF_JMP | BPF_JSET | BPF_K, BOTTOM);
	}
	emit(w, BPF_RET | BPF_K, 0);
	for (unsigned n = 0; n < MAX_LABELS; n++)
		w->out[bottom[n]].jt = (u_char)(w->n - bottom[n] - 1);
	emit_pass(w, 0, BPF_B, 0);
	emit(w, BPF_ALU | BPF_RSH | BPF_K, 4);
}

static void emit_labels(struct writer *w)
{
	enum { VERSIONS = sizeof(below) / sizeof(below[0]) };
	unsigned known[VERSIONS], test = w->n;
	jump_equal(w, MPLS, 1, 0);
	jump_equal(w, MPLS_UPSTREAM, 0, 0);
	emit_bottom(w);
	for (size_t i = 0; i < VERSIONS; i++)
		known[i] = emit_case(w, below[i].version, below[i].protocol);
	jump_equal(w, 0, 1, 0);
	emit(w, BPF_RET | BPF_K, 0);
	emit_pass(w, CONTROL_WORD + ETHERNET, BPF_H, CONTROL_WORD + ETHERNET - 2);
	emit_tags(w);
	for (size_t i = 0; i < VERSIONS; i++)
		land(w, known[i]);
	w->out[test + 1].jf = (u_char)(w->n - test - 2);
}

unsigned spread_program(struct bpf_insn out[SPREAD_PROGRAM], uint32_t protocol, uint32_t network)
{
	struct writer w = { out, 0, network };
	emit(&w, BPF_LD | BPF_IMM, 0);
	emit(&w, BPF_ST, SKIP);
	emit(&w, BPF_LD | BPF_H | BPF_ABS, protocol);
	emit_tags(&w);
	emit_session(&w);
	emit_labels(&w);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		unsigned test = w.n;
		jump_equal(&w, pairs[i].protocol, 0, 0);
		emit_pair(&w, &pairs[i]);
		out[test].jf = (u_char)(w.n - test - 1);
	}
	emit(&w, BPF_RET | BPF_K, 0);
	return w.n;
}
