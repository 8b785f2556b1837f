/* lookalike - names that are made to be taken for the district's own (protect.domains), whoever looks them up. */
#include <stdlib.h>
#include <string.h>

#include "base/letters.h"
#include "base/lru.h"
#include "base/psl.h"
#include "observe/observer.h"

enum { OWN = 64, NAMES = 65536, TOLD = 16384, TELL_AGAIN_S = 600, LONG_NAME = 8, SHORT_NAME = 4 };
enum { EV_LOOKALIKE, F_SRC, F_QUERY, F_DOMAIN, F_LIKE, F_HOW, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_LOOKALIKE] = { "lookalike", TOC_KIND, false, TOC_OPEN, NULL,
			   "a name that can be taken for one of protect.domains was looked up or spoken to; once in "
			   "ten "
			   "minutes and client" },
	[F_SRC] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "who did" },
	[F_QUERY] = { "query", TOC_STRING, false, TOC_CONTENT, NULL, "the name" },
	[F_DOMAIN] = { "domain", TOC_STRING, false, TOC_CONTENT, NULL, "its registrable domain" },
	[F_LIKE] = { "like", TOC_STRING, false, TOC_OPEN, NULL, "the district's domain that it is like" },
	[F_HOW] = { "how", TOC_STRING, false, TOC_OPEN, NULL,
		    "looks: other letters that look the same; near: one letter differs; suffix: the same below another "
		    "suffix; within: the district's name is a part of it" },
};
static const char *const kinds[] = { "dns", "ssl", "quic", "http", NULL };
static const char *const name_fields[] = { "query", "server_name", "server_name", "host" };
enum { KINDS = sizeof(name_fields) / sizeof(name_fields[0]) };

enum how { HOW_NOT, HOW_LOOKS, HOW_NEAR, HOW_SUFFIX, HOW_WITHIN };
static const char *const how_names[] = { "", "looks", "near", "suffix", "within" };

/* Words of pages where people type passwords: with one of them a short name is enough. */
static const char *const login_words[] = { "login",   "logon",	"signin", "sso",    "portal", "account", "password",
					   "webmail", "secure", "verify", "office", "email",  "support", "helpdesk" };

struct own {
	struct toc_span domain; /* in lower case */
	struct toc_letters letters, skeleton;
};

/* What was found of a name, by its hash. */
struct verdict {
	uint64_t name;
	uint8_t how, own;
};

struct told_key {
	struct toc_addr src;
	uint64_t domain;
};
struct told {
	struct told_key key;
	toc_time ts;
};

struct lookalike {
	struct observer_env env;
	const toc_field *map;
	struct toc_psl *psl;
	struct toc_lru *names, *told;
	toc_field kinds[KINDS], name[KINDS], src;
	unsigned nown;
	struct own own[OWN];
};

static void lookalike_free(void *self)
{
	struct lookalike *l = self;
	toc_lru_free(l->names);
	toc_lru_free(l->told);
	toc_psl_free(l->psl);
	free(l);
}

static void add_own(struct lookalike *l, const struct toc_yaml *node)
{
	struct own *own = &l->own[l->nown];
	const struct toc_span domain =
		node->kind == TOC_YAML_SCALAR ? toc_psl_domain(l->psl, node->text) : toc_span_str("");
	if (!domain.n || domain.n != node->text.n || l->nown == OWN ||
	    !toc_letters_read(toc_span_first(domain, toc_span_find(domain, '.')), &own->letters)) {
		toc_diag_add(l->env.diag, TOC_ERROR, node->at,
			     l->nown == OWN ? "more than 64 domains" : "expected a domain such as district.example");
		return;
	}
	own->domain = domain;
	toc_letters_skeleton(&own->letters, &own->skeleton);
	l->nown++;
}

static void read_own(struct lookalike *l)
{
	const struct toc_yaml *list = toc_yaml_get(l->env.protect, "domains");
	for (unsigned i = 0; list && i < (list->kind == TOC_YAML_LIST ? list->n : 1); i++)
		add_own(l, list->kind == TOC_YAML_LIST ? list->as.items[i] : list);
}

static void *lookalike_new(const struct observer_env *env, const toc_field *map)
{
	struct lookalike *l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->env = *env;
	l->map = map;
	l->src = toc_intern_add(env->names, toc_span_str("id.orig_h"));
	for (unsigned i = 0; i < KINDS; i++) {
		l->kinds[i] = toc_intern_add(env->names, toc_span_str(kinds[i]));
		l->name[i] = toc_intern_add(env->names, toc_span_str(name_fields[i]));
	}
	*env->idle = !toc_yaml_get(env->protect, "domains"); /* nothing to compare with */
	if (*env->idle)
		return l;
	l->psl = toc_psl_new();
	l->names = toc_lru_new(sizeof(uint64_t), sizeof(struct verdict), NAMES, env->key, NULL, NULL);
	l->told = toc_lru_new(sizeof(struct told_key), sizeof(struct told), TOLD, env->key, NULL, NULL);
	if (l->psl && l->names && l->told) {
		read_own(l);
		return l;
	}
	lookalike_free(l);
	return NULL;
}

static bool has_login_word(struct toc_span name)
{
	for (size_t w = 0; w < sizeof(login_words) / sizeof(login_words[0]); w++) {
		const struct toc_span word = toc_span_str(login_words[w]);
		for (size_t i = 0; i + word.n <= name.n; i++)
			if (toc_span_ieq(toc_span_of(name.p + i, word.n), word))
				return true;
	}
	return false;
}

/* The district's name within a label of the name: by itself where it is long, else between hyphens or whole. */
static bool is_within(const struct own *own, struct toc_span name)
{
	while (name.n) {
		struct toc_letters label;
		size_t end = toc_span_find(name, '.');
		struct toc_span part = toc_span_first(name, end);
		name = toc_span_from(name, end < name.n ? end + 1 : end);
		if (own->letters.n >= LONG_NAME && toc_letters_read(part, &label) &&
		    toc_letters_within(&own->letters, &label))
			return true;
		while (part.n && own->letters.n < LONG_NAME) {
			size_t hyphen = toc_span_find(part, '-');
			if (toc_letters_read(toc_span_first(part, hyphen), &label) &&
			    toc_letters_equal(&own->letters, &label))
				return true;
			part = toc_span_from(part, hyphen < part.n ? hyphen + 1 : hyphen);
		}
	}
	return false;
}

static enum how compare(const struct own *own, const struct toc_letters *label, struct toc_span name, bool login)
{
	struct toc_letters skeleton;
	const bool same = toc_letters_equal(&own->letters, label), plain = own->letters.n >= LONG_NAME || login;
	toc_letters_skeleton(label, &skeleton);
	if (!same && own->letters.n >= SHORT_NAME && toc_letters_equal(&own->skeleton, &skeleton))
		return HOW_LOOKS;
	if (!plain)
		return HOW_NOT;
	if (same)
		return HOW_SUFFIX;
	if (own->letters.n > SHORT_NAME &&
	    (toc_letters_near(&own->letters, label) || toc_letters_near(&own->skeleton, &skeleton)))
		return HOW_NEAR;
	return is_within(own, name) ? HOW_WITHIN : HOW_NOT;
}

static void judge(const struct lookalike *l, struct toc_span name, struct toc_span domain, struct verdict *v)
{
	struct toc_letters label;
	v->how = HOW_NOT;
	for (unsigned i = 0; i < l->nown; i++)
		if (toc_span_ieq(domain, l->own[i].domain))
			return;
	if (!toc_letters_read(toc_span_first(domain, toc_span_find(domain, '.')), &label))
		return;
	const bool login = has_login_word(name);
	for (unsigned i = 0; i < l->nown && !v->how; i++) {
		v->how = (uint8_t)compare(&l->own[i], &label, name, login);
		v->own = (uint8_t)i;
	}
}

static void tell(struct lookalike *l, const struct toc_event *ev, const struct toc_addr *src, struct toc_span name,
		 const struct verdict *v)
{
	bool fresh;
	const struct toc_span domain = toc_psl_domain(l->psl, name);
	const struct told_key key = { *src, toc_hash(l->env.key, domain.p, domain.n) };
	struct told *told = toc_lru_add(l->told, &key, &fresh);
	if (!fresh && ev->ts - told->ts < TELL_AGAIN_S * TOC_SEC)
		return;
	told->ts = ev->ts;
	struct toc_draft *d = l->env.draft;
	toc_draft_begin(d, l->map, EV_LOOKALIKE);
	d->head.ts = ev->ts;
	toc_put_ip(d, F_SRC, src);
	toc_put_str(d, F_QUERY, name);
	toc_put_str(d, F_DOMAIN, domain);
	toc_put_str(d, F_LIKE, l->own[v->own].domain);
	toc_put_cstr(d, F_HOW, how_names[v->how]);
	l->env.emit->event(l->env.emit, d);
}

static void lookalike_see(void *self, const struct toc_view *view)
{
	struct lookalike *l = self;
	const struct toc_event *ev = view->ev;
	unsigned kind = 0;
	bool fresh;
	while (kind < KINDS && l->kinds[kind] != ev->kind)
		kind++;
	if (kind == KINDS)
		return;
	const struct toc_value name = toc_event_get(ev, l->name[kind]), src = toc_event_get(ev, l->src);
	if (name.type != TOC_STRING || name.list || src.type != TOC_IP)
		return;
	const struct toc_span host = toc_span_first(name.as.s, toc_span_find(name.as.s, ':')); /* Host: name:port */
	const uint64_t hash = toc_hash(l->env.key, host.p, host.n);
	struct verdict *v = toc_lru_add(l->names, &hash, &fresh);
	if (fresh) {
		const struct toc_span domain = toc_psl_domain(l->psl, host);
		v->how = HOW_NOT;
		if (domain.n)
			judge(l, host, domain, v);
	}
	if (v->how)
		tell(l, ev, &src.as.ip, host, v);
}

static const char *const options[] = { NULL };

const struct toc_observer toc_observer_lookalike = { "lookalike",   fields,	    N_FIELDS,	   kinds, options,
						     lookalike_new, lookalike_free, lookalike_see, NULL,  NULL };
