/* sampler - events of a sample enter as if a thread had made them; lines and captures from the start of the path. */
#define _GNU_SOURCE
#include "app/sampler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/inputs.h"
#include "base/typed.h"

enum { REPEATS = 100000, VALUE = 4096 };

/* Samples begin at a fixed moment: 2026-03-02 08:00:00 UTC. */
static const toc_time start_of_samples = INT64_C(1772438400) * TOC_SEC;

struct toc_sampler {
	struct toc_pipeline *pipeline;
	const struct toc_rule_sample *sample;
	struct toc_diag *diag;
	struct toc_feed feed;
	struct toc_draft *draft;
	toc_field *map; /* every id is its own index */
	uint64_t ordinal;
	toc_time at;
	const char *rule;
	int64_t opened;
	unsigned gravest;
};

static bool count_openings(void *self, const struct toc_alert *alert)
{
	struct toc_sampler *s = self;
	if (strcmp(alert->rule, s->rule) != 0)
		return true;
	s->opened += alert->state == TOC_ALERT_OPEN;
	s->gravest = alert->severity > s->gravest ? alert->severity : s->gravest;
	return true;
}

static const struct toc_outlet counting = { "counting", count_openings };

/* "{n}" in a value stands for the number of the repetition. */
static struct toc_span numbered(struct toc_span text, unsigned n, char out[VALUE])
{
	const uint8_t *at = text.n ? memmem(text.p, text.n, "{n}", 3) : NULL;
	if (!at)
		return text;
	size_t before = (size_t)(at - text.p);
	int size = snprintf(out, VALUE, "%.*s%u%.*s", (int)before, (const char *)text.p, n, (int)(text.n - before - 3),
			    (const char *)at + 3);
	return toc_span_of(out, size < VALUE ? (size_t)size : VALUE - 1);
}

/* Puts a text as the type that the dictionary gives the field; a time counts from the samples' beginning. */
static bool put_value(struct toc_draft *d, toc_field id, enum toc_type type, struct toc_span text)
{
	toc_time t;
	if (type == TOC_TIME && toc_seconds_parse(text, &t)) {
		toc_put_time(d, id, start_of_samples + t);
		return true;
	}
	if (toc_put_typed(d, id, type, text))
		return true;
	if (type == TOC_IP || type == TOC_UINT) /* normalisers keep an odd value as it was */
		toc_put_str(d, id, text);
	return type == TOC_IP || type == TOC_UINT;
}

static void put_list(struct toc_sampler *s, toc_field id, const struct toc_field_decl *decl,
		     const struct toc_yaml *list)
{
	toc_list_open(s->draft, id, decl->type);
	for (unsigned i = 0; i < list->n; i++) {
		const struct toc_yaml *item = list->as.items[i];
		if (item->kind != TOC_YAML_SCALAR || !toc_list_typed(s->draft, id, decl->type, item->text))
			toc_diag_add(s->diag, TOC_ERROR, item->at, "this is no value for \"%s\"", decl->name);
	}
}

static bool is_control(const char *name)
{
	return strcmp(name, "event") == 0 || strcmp(name, "ts") == 0 || strcmp(name, "repeat") == 0 ||
	       strcmp(name, "every") == 0;
}

static void put_field(struct toc_sampler *s, toc_field kind, const struct toc_yaml_pair *pair, unsigned n)
{
	char value[VALUE];
	toc_field id = toc_intern_find(s->pipeline->names, pair->key->text);
	const struct toc_field_decl *decl = id ? toc_dictionary_field(s->pipeline->dictionary, kind, id) : NULL;
	if (!decl && id)
		decl = toc_dictionary_field(s->pipeline->dictionary, 0, id); /* identity's, beside any kind */
	if (!decl) {
		toc_diag_add(s->diag, TOC_ERROR, pair->key->at, "no event has a field \"%s\"", toc_yaml_str(pair->key));
		return;
	}
	if (pair->value->kind == TOC_YAML_LIST)
		put_list(s, id, decl, pair->value);
	else if (pair->value->kind != TOC_YAML_SCALAR ||
		 !put_value(s->draft, id, decl->type, numbered(pair->value->text, n, value)))
		toc_diag_add(s->diag, TOC_ERROR, pair->value->at, "this is no value for \"%s\"", decl->name);
}

static double seconds(const struct toc_yaml *map, const char *key)
{
	const char *text = toc_yaml_str(toc_yaml_get(map, key));
	return text ? strtod(text, NULL) : 0;
}

static void put_event(struct toc_sampler *s, const struct toc_yaml *map, toc_field kind, unsigned n, toc_time ts)
{
	toc_draft_begin(s->draft, s->map, kind);
	for (unsigned i = 0; i < map->n; i++)
		if (!is_control(toc_yaml_str(map->as.pairs[i].key)))
			put_field(s, kind, &map->as.pairs[i], n);
	s->at = ts > s->at ? ts : s->at;
	s->draft->head.at = s->at;
	s->draft->head.ts = ts;
	s->draft->head.ordinal = ++s->ordinal;
	s->draft->head.uid = s->ordinal; /* a flow of its own */
	s->feed.emit.event(&s->feed.emit, s->draft);
}

static void *feed_events(void *arg)
{
	struct toc_sampler *s = arg;
	const struct toc_yaml *events = s->sample->events;
	for (unsigned i = 0; events->kind == TOC_YAML_LIST && i < events->n; i++) {
		const struct toc_yaml *map = events->as.items[i], *event = toc_yaml_get(map, "event");
		toc_field kind = toc_yaml_str(event) ? toc_intern_find(s->pipeline->names, event->text) : 0;
		double repeat = seconds(map, "repeat"), ts = seconds(map, "ts"), every = seconds(map, "every");
		if (!kind || !toc_dictionary_kind(s->pipeline->dictionary, kind)) {
			toc_diag_add(s->diag, TOC_ERROR, map->at,
				     "an event names its kind (event: dns); `tocsin fields` lists them");
			continue;
		}
		for (unsigned n = 0; n == 0 || (n < repeat && n < REPEATS); n++)
			put_event(s, map, kind, n, start_of_samples + (toc_time)((ts + n * every) * 1e9));
	}
	toc_feed_tick(&s->feed, s->at + 1, UINT64_MAX, TOC_EVENT_END);
	return NULL;
}

static bool run_events(struct toc_sampler *s)
{
	pthread_t thread;
	struct toc_ring *ring = toc_pipeline_add_ring(s->pipeline, false);
	s->draft = malloc(sizeof(*s->draft));
	s->map = malloc(65536 * sizeof(*s->map));
	if (!ring || !s->draft || !s->map)
		abort();
	for (unsigned i = 0; i < 65536; i++)
		s->map[i] = (toc_field)i;
	s->at = start_of_samples;
	toc_feed_init(&s->feed, ring, s->pipeline->names, s->pipeline->print);
	if (pthread_create(&thread, NULL, feed_events, s) != 0)
		abort();
	toc_pipeline_run(s->pipeline, NULL, NULL);
	pthread_join(thread, NULL);
	free(s->draft);
	free(s->map);
	return true;
}

static bool run_log(struct toc_sampler *s)
{
	int fd = memfd_create("sample", MFD_CLOEXEC);
	FILE *f = fd >= 0 ? fdopen(dup(fd), "w") : NULL;
	if (!f)
		abort();
	for (const char *const *line = s->sample->log; *line; line++)
		fprintf(f, "%s\n", *line);
	fclose(f);
	lseek(fd, 0, SEEK_SET);
	/* a day after the samples' beginning: lines without a year fall into 2026 */
	bool ok = toc_pipeline_add_liner(s->pipeline, "sample", fd, 0, start_of_samples + TOC_DAY);
	if (ok)
		toc_pipeline_run(s->pipeline, NULL, NULL);
	return ok;
}

static bool run_capture(struct toc_sampler *s)
{
	struct toc_inputs inputs;
	const char *path = s->sample->capture;
	bool ok = toc_inputs_open(&inputs, s->pipeline, &path, 1, 1) < 0;
	if (ok) {
		toc_inputs_start(&inputs);
		toc_pipeline_run(s->pipeline, NULL, NULL);
		ok = toc_inputs_finish(&inputs, s->pipeline);
	}
	toc_inputs_free(&inputs);
	return ok;
}

struct toc_sampler *toc_sampler_new(const struct toc_config *config, const char *const *rule_paths,
				    struct toc_diag *diag)
{
	struct toc_sampler *s = calloc(1, sizeof(*s));
	const struct toc_pipeline_options options = { .rules = true, .rule_paths = rule_paths, .trial = true };
	if (!s)
		abort(); /* a command's memory */
	s->pipeline = toc_pipeline_new(config, &options, &counting, s, diag);
	if (s->pipeline)
		return s;
	free(s);
	return NULL;
}

void toc_sampler_free(struct toc_sampler *s)
{
	if (!s)
		return;
	toc_pipeline_free(s->pipeline);
	free(s);
}

/* What a child tells of its sample; then the texts of its mistakes, each with its NUL. */
struct outcome {
	int64_t opened;
	uint32_t gravest, mistakes;
};

static void tell_outcome(const struct toc_sampler *s, bool ok, int fd)
{
	struct outcome out = { ok ? s->opened : -1, s->gravest, toc_diag_errors(s->diag) };
	struct toc_message m;
	FILE *to = fdopen(fd, "w");
	if (!to)
		return;
	fwrite(&out, sizeof(out), 1, to);
	for (unsigned i = 0; toc_diag_get(s->diag, i, &m); i++)
		if (m.severity == TOC_ERROR)
			fwrite(m.text, strlen(m.text) + 1, 1, to);
	fclose(to);
}

/* In the child: nothing is freed, since the process ends with it. */
static void run_in_child(struct toc_sampler *s, int fd)
{
	const struct toc_rule_sample *sample = s->sample;
	s->diag = toc_diag_new();
	bool ok = sample->events ? run_events(s) : sample->log ? run_log(s) : run_capture(s);
	tell_outcome(s, ok && toc_diag_errors(s->diag) == 0, fd);
	fflush(stderr);
	_exit(0);
}

static int64_t read_outcome(const struct toc_rule_sample *sample, int fd, unsigned *gravest, struct toc_diag *diag)
{
	struct outcome out = { -1, 0, 0 };
	char text[4096];
	FILE *from = fdopen(fd, "r");
	if (!from || fread(&out, sizeof(out), 1, from) != 1)
		toc_diag_add(diag, TOC_ERROR, sample->at, "sample \"%s\": its process died", sample->name);
	for (uint32_t i = 0; from && i < out.mistakes; i++) {
		size_t n = 0;
		for (int c; (c = fgetc(from)) > 0;)
			if (n + 1 < sizeof(text))
				text[n++] = (char)c;
		text[n] = '\0';
		toc_diag_add(diag, TOC_ERROR, sample->at, "%s", text);
	}
	if (from)
		fclose(from);
	else
		close(fd);
	*gravest = out.gravest;
	return out.opened;
}

int64_t toc_sampler_run(struct toc_sampler *s, const char *rule_id, const struct toc_rule_sample *sample,
			unsigned *gravest, struct toc_diag *diag)
{
	int ends[2], status;
	fflush(NULL); /* or the child would print it again */
	if (pipe(ends) != 0)
		return -1;
	s->sample = sample;
	s->rule = rule_id;
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		run_in_child(s, ends[1]);
	}
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		toc_diag_add(diag, TOC_ERROR, sample->at, "sample \"%s\": cannot start a process", sample->name);
		return -1;
	}
	int64_t opened = read_outcome(sample, ends[0], gravest, diag);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return opened;
}
