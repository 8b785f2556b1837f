/* control_requests - a function a request. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/control_state.h"
#include "app/funnel.h"

enum { TOP_RULES = 10 };

static void on_reload(struct toc_control *c, FILE *out, const char *rest)
{
	(void)rest;
	control_reload(c, out);
}

static void on_status(struct toc_control *c, FILE *out, const char *rest)
{
	struct control_status status;
	(void)rest;
	if (!control_read_status(c, &status, out))
		return;
	control_status_write(&status, c->pipeline, out);
	control_status_free(&status);
}

/* All that were asked, hit or fed, for programs; the costliest for people. */
static void on_rules(struct toc_control *c, FILE *out, const char *rest)
{
	enum { PAGE = 40 };
	struct control_status status;
	if (!control_read_status(c, &status, out))
		return;
	if (strcmp(rest, "json") == 0)
		toc_rule_counts_json(status.counts, status.ncounts, status.set, out);
	else
		toc_rule_counts_print(status.counts, status.ncounts, PAGE, status.set, out);
	control_status_free(&status);
}

static void on_funnel(struct toc_control *c, FILE *out, const char *rest)
{
	struct control_status status;
	struct toc_funnel funnel;
	(void)rest;
	if (!control_read_status(c, &status, out))
		return;
	toc_funnel_read(&funnel, &status, c->pipeline);
	toc_funnel_print(&funnel, out);
	if (status.canary.on)
		fprintf(out, "canary: %s %.0f s ago, %.3f s on its way%s%s\n",
			status.canary.arrived ? "the last one came" : "none since the start,",
			(double)status.canary.age / (double)TOC_SEC, (double)status.canary.way / (double)TOC_SEC,
			status.canary.overdue ? ", overdue: missing at the " : "", status.canary.missing_at);
	if (status.ncounts) {
		fputc('\n', out);
		toc_rule_counts_print(status.counts, status.ncounts, TOP_RULES, status.set, out);
	}
	control_status_free(&status);
	if (status.delivers)
		fprintf(out, "redis: %" PRIu64 " records confirmed, %s\n", status.courier.redis.confirmed,
			status.courier.trouble[0] ? status.courier.trouble : "connected");
}

static void on_sources(struct toc_control *c, FILE *out, const char *rest)
{
	const struct toc_pipeline *p = c->pipeline;
	const bool json = strcmp(rest, "json") == 0;
	for (unsigned i = 0; i < p->nreceivings; i++)
		toc_sources_write(p->receivings[i].sources, p->receivings[i].receiver, c->config, json, out);
	if (ftell(out) == 0 && !json)
		fprintf(out, "nobody has sent a line yet\n");
}

/* "SECONDS NAME": 0 seconds = now. The engine's thread knows who it is. */
static void on_who(struct toc_control *c, FILE *out, const char *rest)
{
	char *name;
	long long seconds = strtoll(rest, &name, 10);
	if (name == rest || *name != ' ' || !name[1] || seconds < 0 || seconds > INT64_MAX / TOC_SEC) {
		fprintf(out, "refused: who takes a time and a name\n");
		return;
	}
	pthread_mutex_lock(&c->lock);
	c->question = name + 1;
	c->question_at = (toc_time)seconds * TOC_SEC;
	c->told = out;
	c->done = false;
	bool ok = control_wait(c), known = c->known;
	c->question = NULL;
	pthread_mutex_unlock(&c->lock);
	if (!ok || !known)
		fprintf(out, ok ? "refused: nobody is known by that name\n" : "refused: the engine does not answer\n");
}

static void on_maintenance(struct toc_control *c, FILE *out, const char *rest)
{
	(void)rest;
	control_maintenance(c, out);
}

static const struct {
	const char *word; /* what follows a space is the request's own */
	void (*act)(struct toc_control *c, FILE *out, const char *rest);
} requests[] = { { "reload", on_reload },   { "status", on_status }, { "funnel", on_funnel },
		 { "sources", on_sources }, { "rules", on_rules },   { "maintenance", on_maintenance },
		 { "who", on_who } };

void control_answer(struct toc_control *c, const char *request, FILE *out)
{
	size_t word = strcspn(request, " ");
	bool known = false;
	for (size_t i = 0; !known && i < sizeof(requests) / sizeof(requests[0]); i++) {
		known = strlen(requests[i].word) == word && strncmp(request, requests[i].word, word) == 0;
		if (known)
			requests[i].act(c, out, request + word + (request[word] == ' '));
	}
	if (!known)
		fprintf(out, "refused: there is no such request\n");
}
