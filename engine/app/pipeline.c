/* pipeline - the path: sources -> workers (decode, flow) and lines -> rings -> merge -> engine -> outlet. */
#include "app/pipeline.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/ages.h"
#include "app/blind.h"
#include "app/canary.h"
#include "app/clock_jump.h"
#include "app/command.h"
#include "app/flooders.h"
#include "app/random.h"
#include "app/state_pressure.h"
#include "base/log.h"
#include "flow/body.h"
#include "flow/pe.h"

/* --- what everybody shares: names, the dictionary, rules ------------------------------------------------------------
 */

static void declare_observer(void *dictionary, const char *name, const struct toc_field_decl *fields, unsigned n)
{
	char source[64];
	snprintf(source, sizeof(source), "observe %s", name);
	toc_dictionary_add(dictionary, source, fields, n);
}

static void declare(struct toc_pipeline *p)
{
	p->dictionary = toc_dictionary_new(p->names);
	for (const struct toc_decoder *const *d = toc_decoders; *d; d++) {
		char source[64];
		snprintf(source, sizeof(source), "decoder %s", (*d)->name);
		toc_dictionary_add(p->dictionary, source, (*d)->fields, (*d)->nfields);
	}
	toc_dictionary_add(p->dictionary, "flow", toc_flow_fields, toc_flow_nfields);
	toc_dictionary_add(p->dictionary, "files", toc_body_fields, toc_body_nfields);
	toc_dictionary_add(p->dictionary, "files", toc_pe_fields, PE_FIELDS);
	toc_dictionary_add(p->dictionary, "lines", toc_line_fields, toc_line_nfields);
	toc_dictionary_add(p->dictionary, "claims", toc_claim_fields, toc_claim_nfields);
	toc_observe_declare(declare_observer, p->dictionary);
	toc_dictionary_add(p->dictionary, "sensor", toc_ages_fields, toc_ages_nfields);
	toc_dictionary_add(p->dictionary, "pressure", toc_state_pressure_fields, toc_state_pressure_nfields);
	toc_dictionary_add(p->dictionary, "blind", toc_blind_fields, toc_blind_nfields);
	toc_dictionary_add(p->dictionary, "clock_jump", toc_clock_jump_fields, toc_clock_jump_nfields);
	toc_dictionary_add(p->dictionary, "flooders", toc_flooders_fields, toc_flooders_nfields);
	toc_dictionary_add(p->dictionary, "canary", toc_canary_fields, toc_canary_nfields);
	toc_dictionary_add(p->dictionary, "identity", toc_identity_fields, toc_identity_nfields);
	unsigned n;
	const struct toc_field_decl *fields = toc_normalisers_fields(p->normalisers, &n);
	toc_dictionary_add(p->dictionary, "normalisers", fields, n);
}

static unsigned count_paths(const char *const *paths)
{
	unsigned n = 0;
	while (paths[n])
		n++;
	return n;
}

static void choose_kinds(struct toc_pipeline *p, struct toc_diag *diag)
{
	p->print.on = p->options.print_events;
	if (!p->options.kinds)
		return;
	p->kinds = calloc(65536, sizeof(*p->kinds));
	p->print.kinds = p->kinds;
	for (const char *at = p->options.kinds; p->kinds && *at;) {
		struct toc_span name = toc_span_of(at, strcspn(at, ","));
		toc_field id = toc_intern_find(p->names, name);
		if (id && toc_dictionary_kind(p->dictionary, id))
			p->kinds[id] = true;
		else
			toc_diag_add(diag, TOC_ERROR, (struct toc_place){ "--events", 0, 0 },
				     "there is no event kind \"%.*s\"; `tocsin fields` lists them", (int)name.n,
				     (const char *)name.p);
		at += name.n + (at[name.n] == ',');
	}
}

static enum toc_privacy privacy_of(void *dictionary, toc_field kind, toc_field field)
{
	return toc_dictionary_privacy(dictionary, kind, field);
}

/* Where events go to somebody beside the rules, all are wanted. */
static void want(struct toc_pipeline *p, const struct toc_generation *g)
{
	if (p->options.print_events || p->options.seen || !p->identity || !p->observe)
		return;
	struct toc_wanted *next = toc_wanted_new(p->wanted, g, p->identity, p->observe, p->names);
	atomic_store_explicit(&p->wanted, next, memory_order_release);
}

static struct toc_generation_config generation_config(const struct toc_pipeline *p, const struct toc_opener *opener,
						      unsigned *documents, struct toc_sizing sizes)
{
	return (struct toc_generation_config){ .config = p->config,
					       .rule_paths = p->options.rule_paths,
					       .opener = opener,
					       .cache = p->options.cache,
					       .trial = p->options.trial,
					       .documents = documents,
					       .sizes = sizes,
					       .names = p->names,
					       .dictionary = p->dictionary };
}

static toc_time clock_now(void *steady)
{
	return toc_steady_now(steady);
}

static const char *clock_state(void *steady)
{
	return toc_steady_state(steady);
}

static const struct toc_opener *opener_of(const struct toc_pipeline *p)
{
	return p->options.opener ? p->options.opener : &toc_opener_self;
}

/* sizes: taken over. */
static void load_rules(struct toc_pipeline *p, const struct toc_outlet *outlet, void *outlet_self,
		       struct toc_sizes *sizes, struct toc_diag *diag)
{
	const struct toc_config *c = p->config;
	const struct toc_generation_config conf = generation_config(p, opener_of(p), p->options.documents,
								    (struct toc_sizing){ p->options.before, sizes });
	struct toc_alert_config alert = { .sensor = c->sensor,
					  .names = c->deliver_names,
					  .all = c->deliver_all,
					  .school_year = c->school_year,
					  .people = c->people,
					  .evidence = p->options.clerk != NULL,
					  .routes = c->grants,
					  .nroutes = c->ngrants,
					  .config = c->digest[0] ? c->digest : NULL,
					  .clock = p->options.live ? &p->clock : NULL,
					  .version = TOC_VERSION };
	struct toc_generation *g = p->generation = toc_generation_load(&conf, diag);
	p->options.cache = NULL; /* for this load only: a confined process opens nothing */
	if (!g) {
		toc_sizes_free(sizes);
		return;
	}
	g->sizes = sizes;
	memcpy(alert.site_key, c->site_key, sizeof(alert.site_key));
	p->alerts = toc_alerts_new(&alert, g->rules->alerts, g->rules->ndetections + g->rules->ncorrelations, p->names,
				   privacy_of, p->dictionary, &p->key, outlet, outlet_self);
	if (!p->alerts || !toc_generation_attach(g, p->config, p->names, &p->key, toc_alerts_findings(p->alerts)))
		abort(); /* at start-up there is nothing to save */
	want(p, g);
}

struct toc_generation *toc_pipeline_load_again(struct toc_pipeline *p, const struct toc_opener *opener,
					       unsigned *documents, struct toc_diag *diag)
{
	struct toc_sizes *sizes = toc_sizes_new();
	const struct toc_generation_config conf =
		generation_config(p, opener, documents, (struct toc_sizing){ p->generation->sizes, sizes });
	struct toc_generation *g = toc_generation_load(&conf, diag);
	if (!g) {
		toc_sizes_free(sizes);
		return NULL;
	}
	g->sizes = sizes;
	if (!toc_generation_read_site(g, &conf, diag)) {
		toc_generation_free(g);
		return NULL;
	}
	if (toc_generation_attach(g, p->config, p->names, &p->key, toc_alerts_findings(p->alerts))) {
		want(p, g); /* a moment before its rules judge */
		return g;
	}
	toc_diag_add(diag, TOC_ERROR, (struct toc_place){ 0 }, "out of memory for the windows of the new rules");
	toc_generation_free(g);
	return NULL;
}

struct toc_pipeline *toc_pipeline_new(const struct toc_config *config, const struct toc_pipeline_options *options,
				      const struct toc_outlet *outlet, void *outlet_self, struct toc_diag *diag)
{
	struct toc_pipeline *p = calloc(1, sizeof(*p));
	unsigned before = toc_diag_errors(diag);
	if (!p)
		abort();
	p->config = config;
	p->options = *options;
	toc_random_key(&p->key);
	toc_steady_begin(&p->steady);
	p->clock = (struct toc_alert_clock){ clock_now, clock_state, &p->steady };
	p->names = toc_intern_new();
	p->engine = p->names ? toc_engine_new(p->names) : NULL;
	p->bell = toc_bell_new();
	p->psl = toc_psl_new();
	p->rings = calloc(TOC_FEEDS, sizeof(*p->rings));
	p->spills = calloc(TOC_FEEDS, sizeof(*p->spills));
	p->workers = calloc(TOC_FEEDS, sizeof(*p->workers));
	p->liners = calloc(TOC_FEEDS, sizeof(*p->liners));
	if (!p->names || !p->engine || !p->bell || !p->psl || !p->rings || !p->spills || !p->workers || !p->liners)
		abort(); /* at start-up there is nothing to save */
	p->normalisers = toc_normalisers_load(config->normalise, count_paths(config->normalise), p->names, diag);
	if (p->normalisers)
		declare(p);
	struct toc_sizes *sizes = options->rules ? toc_sizes_new() : NULL;
	const struct toc_site_files files = { opener_of(p),
					      { options->before, sizes },
					      (toc_time)time(NULL) * TOC_SEC };
	p->identity = toc_identity_new(config->site, &files, p->names, &p->key, diag);
	p->observe = toc_observe_new(config->observe, config->protect, config->link_mbps, p->names, &p->key,
				     toc_engine_emit(p->engine), diag);
	if (p->dictionary)
		choose_kinds(p, diag);
	if (p->dictionary && options->rules)
		load_rules(p, outlet, outlet_self, sizes, diag);
	else
		toc_sizes_free(sizes);
	if (toc_diag_errors(diag) == before)
		return p;
	toc_pipeline_free(p);
	return NULL;
}

/* --- inputs: each is a thread with a ring of its own ------------------------------------------------------------ */

struct toc_ring *toc_pipeline_add_ring(struct toc_pipeline *p, bool spills)
{
	struct toc_ring *ring = p->nrings < TOC_FEEDS ? toc_ring_new(p->config->ring_bytes) : NULL;
	if (!ring)
		return NULL;
	if (p->options.single_slot)
		toc_ring_single(ring);
	p->rings[p->nrings] = ring;
	p->spills[p->nrings++] = spills;
	return ring;
}

/* Every thread knows the senders that it sees, and they are few. */
static struct toc_wire_lines *add_wire_syslog(struct toc_pipeline *p, struct toc_worker *w)
{
	enum { SOURCES = 4096 };
	const struct toc_lines_config config = { .zone = p->config->time_zone,
						 .sources = SOURCES,
						 .keep_lines = p->options.clerk != NULL };
	if (!p->config->wire_syslog)
		return NULL;
	if (!toc_wire_syslog_init(&w->syslog, &config, p->normalisers, &p->key, p->names, &w->feed, p->nworkers))
		abort(); /* at start-up there is nothing to save */
	return &w->syslog.taker;
}

bool toc_pipeline_add_worker(struct toc_pipeline *p, struct toc_source *source, const struct toc_interface *interface)
{
	struct toc_ring *ring = toc_pipeline_add_ring(p, true);
	struct toc_worker *w = &p->workers[p->nworkers];
	if (!ring)
		return false;
	toc_worker_init(w);
	interface = interface ? interface : p->options.stored;
	const struct toc_decode_config decode = { .duplicate_within = interface ? interface->duplicates : 0,
						  .network_key = interface && interface->vlan_key };
	toc_feed_init(&w->feed, ring, p->names, p->print);
	w->packets = p->options.clerk ? toc_clerk_worker(p->options.clerk) : NULL;
	if (w->packets && p->wanted)
		w->packets->wishes = toc_wanted_payloads(p->wanted);
	const struct toc_flow_config flow = { .flows = p->config->flows,
					      .lines = add_wire_syslog(p, w),
					      .tap = w->packets ? &w->packets->tap : NULL,
					      .parse = true,
					      .shed_large = p->config->shed.large,
					      .shed_first = p->config->shed.first,
					      .verify = toc_decode_verify,
					      .vlan_key = interface && interface->vlan_key,
					      .wanted = p->wanted ? toc_wanted_names(p->wanted) : NULL,
					      .link_mbps = p->config->link_mbps,
					      .psl = p->psl,
					      .sensor = toc_hash_fixed(p->config->sensor, strlen(p->config->sensor)) };
	toc_shedding_init(&w->shedding, &p->config->shed, interface ? interface->name : "replay");
	w->fences = p->options.fences;
	w->number = p->nworkers;
	w->source = source;
	w->sharers = 1;
	w->apart = flow.vlan_key;
	w->stop = &p->stop;
	w->wanted = &p->wanted;
	w->runs = p->wanted;
	w->decode = toc_decode_new(&decode, &p->key);
	w->flows = toc_flows_new(&flow, toc_decoders, p->names, &p->key, &w->feed.emit);
	p->nworkers++;
	return w->decode && w->flows;
}

bool toc_pipeline_add_liner(struct toc_pipeline *p, const char *path, int fd, uint16_t input, toc_time received_at)
{
	struct toc_ring *ring = toc_pipeline_add_ring(p, false);
	struct toc_liner *l = &p->liners[p->nliners];
	if (!ring)
		return false;
	const struct toc_lines_config lines = {
		.zone = p->config->time_zone, .stored = true, .received_at = received_at, .relay = true
	};
	toc_feed_init(&l->feed, ring, p->names, p->print);
	l->lines = toc_lines_new(&lines, p->normalisers, &p->key, &l->feed.emit);
	l->fd = fd;
	l->path = path;
	l->input = input;
	p->nliners++;
	return l->lines != NULL;
}

bool toc_pipeline_add_records(struct toc_pipeline *p, const char *path, int fd, uint16_t input)
{
	struct toc_ring *ring = toc_pipeline_add_ring(p, false);
	struct toc_liner *l = &p->liners[p->nliners];
	if (!ring)
		return false;
	toc_feed_init(&l->feed, ring, p->names, p->print);
	l->records = toc_records_new(p->dictionary, p->names, &l->feed.emit);
	l->fd = fd;
	l->path = path;
	l->input = input;
	p->nliners++;
	return l->records != NULL;
}

static bool add_receiving(struct toc_pipeline *p, unsigned first, unsigned n, const struct toc_opener *opener)
{
	struct toc_receiving *r = &p->receivings[p->nreceivings];
	struct toc_ring *ring = toc_pipeline_add_ring(p, false);
	char err[512];
	if (!ring)
		abort();
	toc_feed_init(&r->feed, ring, p->names, p->print);
	r->taker = (struct toc_line_taker){ toc_receiving_take, toc_receiving_room };
	r->relay = p->config->relay;
	r->claims = p->claims;
	r->steady = &p->steady;
	r->stop = &p->stop;
	r->fences = p->options.fences;
	r->number = p->nreceivings;
	struct toc_lines_config lines = { .zone = p->config->time_zone, .keep_lines = p->options.clerk != NULL };
	r->direct = toc_lines_new(&lines, p->normalisers, &p->key, &r->feed.emit);
	lines.relay = true;
	r->relayed = toc_lines_new(&lines, p->normalisers, &p->key, &r->feed.emit);
	r->sources = toc_sources_new(&p->key);
	r->flooders = toc_flooders_new(p->config->listeners, p->names);
	r->receiver = toc_receiver_new(p->config->listeners + first, n, first, &r->taker, opener, err, sizeof(err));
	p->nreceivings++;
	if (!r->direct || !r->relayed || !r->sources || !r->flooders)
		abort();
	if (!r->receiver)
		toc_error("%s", err);
	return r->receiver != NULL;
}

/* Listeners are sorted: datagrams first (config.c). */
int toc_pipeline_add_listeners(struct toc_pipeline *p, const struct toc_opener *opener)
{
	const struct toc_config *c = p->config;
	unsigned datagrams = 0;
	p->claims = toc_claims_new(&p->key, p->names);
	if (!p->claims)
		abort(); /* at start-up there is nothing to save */
	while (datagrams < c->nlisteners && toc_listener_is_datagrams(&c->listeners[datagrams]))
		datagrams++;
	bool ok = datagrams == 0 || add_receiving(p, 0, datagrams, opener);
	if (ok && datagrams < c->nlisteners)
		ok = add_receiving(p, datagrams, c->nlisteners - datagrams, opener);
	return ok ? -1 : TOC_EXIT_ENVIRONMENT;
}

/* --- running: threads fill rings, this thread is the engine ----------------------------------------------------------
 */

static void start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	if (pthread_create(thread, NULL, run, arg) != 0) {
		toc_error("cannot start a thread; is a limit on processes set (ulimit -u)?");
		abort();
	}
}

void toc_pipeline_run(struct toc_pipeline *p, void (*tick)(void *user), void *user)
{
	struct toc_merge *merge = toc_merge_new(p->rings, p->spills, p->nrings, p->bell);
	if (!merge)
		abort();
	const struct toc_engine_parts parts = { .merge = merge,
						.names = p->names,
						.identity = p->identity,
						.observe = p->observe,
						.observe_stored = p->options.observe_stored,
						.generation = p->generation,
						.alerts = p->alerts,
						.print = p->print,
						.late = p->config->late,
						.nlate = p->nreceivings ? p->config->nlisteners : 0,
						.seen = p->options.seen,
						.seen_user = p->options.seen_user };
	for (unsigned i = 0; i < p->nworkers; i++)
		start(&p->workers[i].thread, toc_worker_run, &p->workers[i]);
	for (unsigned i = 0; i < p->nliners; i++)
		start(&p->liners[i].thread, toc_liner_run, &p->liners[i]);
	for (unsigned i = 0; i < p->nreceivings; i++)
		start(&p->receivings[i].thread, toc_receiving_run, &p->receivings[i]);
	toc_fence_enter(p->options.fences, TOC_ROLE_engine, 0);
	toc_engine_run(p->engine, &parts, tick, user);
	for (unsigned i = 0; i < p->nworkers; i++)
		pthread_join(p->workers[i].thread, NULL);
	for (unsigned i = 0; i < p->nliners; i++)
		pthread_join(p->liners[i].thread, NULL);
	for (unsigned i = 0; i < p->nreceivings; i++)
		pthread_join(p->receivings[i].thread, NULL);
	toc_merge_free(merge);
}

unsigned toc_pipeline_sheds(const struct toc_pipeline *p)
{
	unsigned what = 0;
	for (unsigned i = 0; i < p->nworkers; i++)
		what |= atomic_load_explicit(&p->workers[i].shedding.what, memory_order_relaxed);
	return what;
}

void toc_pipeline_free(struct toc_pipeline *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->nworkers; i++)
		toc_worker_free(&p->workers[i]);
	for (unsigned i = 0; i < p->nliners; i++)
		toc_liner_free(&p->liners[i]);
	for (unsigned i = 0; i < p->nreceivings; i++)
		toc_receiving_free(&p->receivings[i]);
	for (unsigned i = 0; i < p->nrings; i++)
		toc_ring_free(p->rings[i]);
	toc_claims_free(p->claims);
	toc_wanted_free(p->wanted);
	toc_generation_free(p->generation);
	toc_alerts_free(p->alerts);
	toc_observe_free(p->observe);
	toc_identity_free(p->identity);
	toc_engine_free(p->engine);
	toc_dictionary_free(p->dictionary);
	toc_normalisers_free(p->normalisers);
	toc_intern_free(p->names);
	toc_bell_free(p->bell);
	toc_psl_free(p->psl);
	free(p->workers);
	free(p->liners);
	free(p->rings);
	free(p->spills);
	free(p->kinds);
	free(p);
}
