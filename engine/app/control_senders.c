/* control_senders - what the receivers took and lost, by sender and reason, as JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "app/control_text.h"

enum { TOLD_MOST = 64 }; /* senders with losses; the rest is in the sums */

struct telling {
	const struct toc_config *config;
	FILE *out;
	unsigned told;
};

static void put_losses(FILE *out, const uint64_t *lost)
{
	bool any = false;
	fputs("\"lost\":{", out);
	for (unsigned i = 0; i < TOC_LOSSES; i++) {
		if (!lost[i])
			continue;
		fprintf(out, "%s\"%s\":%" PRIu64, any ? "," : "", toc_loss_name((enum toc_loss)i), lost[i]);
		any = true;
	}
	fputc('}', out);
}

/* A path may hold what JSON may not. */
static void put_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		if (*text == '"' || *text == '\\' || (unsigned char)*text < 0x20)
			fprintf(out, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			fputc(*text, out);
	fputc('"', out);
}

static void tell(void *user, const struct toc_sender *s)
{
	static const struct toc_addr nobody;
	struct telling *t = user;
	char name[256], addr[TOC_ADDR_TEXT] = "";
	uint64_t sum = 0;
	for (unsigned i = 0; i < TOC_LOSSES; i++)
		sum += s->lost[i];
	if (!sum || t->told == TOLD_MOST)
		return;
	if (!toc_addr_eq(&s->addr, &nobody))
		toc_addr_print(&s->addr, addr);
	fprintf(t->out, "%s{\"listener\":", t->told++ ? "," : "");
	put_text(t->out, toc_listener_name(&t->config->listeners[s->listener], name, sizeof(name)));
	fprintf(t->out, ",\"sender\":\"%s\",\"lines\":%" PRIu64 ",", addr, s->lines);
	put_losses(t->out, s->lost);
	fputc('}', t->out);
}

void control_senders_write(const struct toc_pipeline *p, FILE *out)
{
	struct toc_receiver_counters sum = { 0 };
	struct telling t = { p->config, out, 0 };
	for (unsigned i = 0; i < p->nreceivings; i++) {
		struct toc_receiver *r = p->receivings[i].receiver;
		toc_receiver_lock(r);
		const struct toc_receiver_counters c = *toc_receiver_count(r);
		toc_receiver_unlock(r);
		sum.lines += c.lines;
		sum.bytes += c.bytes;
		sum.connections += c.connections;
		sum.senders_forgotten += c.senders_forgotten;
		sum.known_forgotten += c.known_forgotten;
		sum.forgotten_lines += c.forgotten_lines;
		sum.forgotten_lost += c.forgotten_lost;
		sum.senders_known += c.senders_known;
		sum.senders_strange += c.senders_strange;
		for (unsigned k = 0; k < TOC_LOSSES; k++)
			sum.lost[k] += c.lost[k];
	}
	fprintf(out, ",\"lines\":%" PRIu64 ",\"line_bytes\":%" PRIu64 ",\"connections\":%" PRIu64, sum.lines, sum.bytes,
		sum.connections);
	fprintf(out, ",\"senders\":{\"known\":%" PRIu32 ",\"strangers\":%" PRIu32 "},\"senders_forgotten\":%" PRIu64,
		sum.senders_known, sum.senders_strange, sum.senders_forgotten);
	fprintf(out, ",\"known_forgotten\":%" PRIu64 ",\"forgotten_lines\":%" PRIu64 ",\"forgotten_lost\":%" PRIu64 ",",
		sum.known_forgotten, sum.forgotten_lines, sum.forgotten_lost);
	put_losses(out, sum.lost);
	fputs(",\"losers\":[", out);
	for (unsigned i = 0; i < p->nreceivings; i++)
		toc_receiver_senders(p->receivings[i].receiver, tell, &t);
	fputc(']', out);
}
