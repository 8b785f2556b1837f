/* config - tocsin.yml, read and checked: every mistake in one run. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdio.h>

#include "alert/alert.h"
#include "app/shedding.h"
#include "base/diag.h"
#include "base/yaml.h"
#include "deliver/redis_link.h"
#include "notify/notify.h"
#include "receive/receive.h"

enum { TOC_INTERFACES = 16, TOC_LISTENERS = 32, TOC_WORKERS = 32 };

/* What `version:` says in a file of today; each step up is one of migrate.c. A file without it is of version 0. */
enum { TOC_CONFIG_VERSION = 1 };

struct toc_interface {
	const char *name, *filter;
	unsigned workers; /* capture threads; 1 … TOC_WORKERS */
	int ring_mb;
	uint64_t link_mbps;  /* 0 = unknown */
	toc_time duplicates; /* a packet that comes again so soon was mirrored twice; 0 = do not look */
	bool vlan_key;	     /* the same ends in two VLANs are two flows */
};

/* Days that things are kept; evidence has its own (below). */
struct toc_retention {
	const char *owner; /* who answers for these numbers; NULL = not said */
	unsigned alerts;   /* of the journal and in Redis, with what people did to them */
	unsigned health, audit;
	const struct toc_yaml *at; /* NULL: defaults */
};

/* A file that was read, in their order. */
struct toc_config_file {
	const struct toc_yaml *root;
	struct toc_config_file *next;
};

/* All strings live in the config's arena. Defaults are what an empty file gives. */
struct toc_config {
	struct toc_arena *arena;
	const char *path; /* NULL = no file */
	char digest[65];  /* of the bytes of all its files one after another, SHA-256 in hex; "" = there are none */
	struct toc_config_file *files, *last_file;
	const char *sensor;   /* sensor.name */
	uint8_t site_key[32]; /* sensor.key_file; without one a fixed key, and has_site_key is false */
	bool has_site_key;
	const char *user; /* sensor.user: who the engine is when it was started as root; tocsin if there is one, else
			     nobody */
	unsigned ninterfaces;
	struct toc_interface interfaces[TOC_INTERFACES];
	unsigned nlisteners;
	struct toc_listener listeners[TOC_LISTENERS];
	bool wire_syslog; /* sensor.wire_syslog; false where the lines on the wire come to a listener as well */
	bool relay[TOC_LISTENERS];	       /* of that listener: claimed hosts are sources */
	toc_time late[TOC_LISTENERS];	       /* ... how late what its senders tell may come */
	const char *time_zone;		       /* of lines without zone; "UTC" */
	const char *const *pipelines;	       /* NULL-terminated; NULL = none */
	const char *const *calendars;	       /* NULL-terminated */
	const char *const *policy;	       /* NULL-terminated */
	bool rules_observe;		       /* rules.mode: observe */
	const struct toc_yaml *rules_observed; /* rules.observe: a list of ids and names; NULL = none */
	const char *const *rules, *const *taxonomy, *const *lists, *const *vars,
									   *const *normalise; /* NULL-terminated */
	const char *redis_url;								      /* NULL = no Redis */
	const char *redis_user, *redis_password; /* NULL: those of the URL */
	const char *tls_ca, *tls_cert, *tls_key; /* files; NULL = none */
	const struct toc_redis_node *nodes;	 /* that Sentinels or a Cluster may send delivery to */
	unsigned nnodes;
	struct notify_config *notify; /* of each route, without redis and callbacks */
	unsigned nnotify;
	const char *metrics; /* a loopback address, or a socket's path where the port is 0; NULL = none */
	uint16_t metrics_port;
	toc_time canary_every; /* canary.every; 0 = nobody sends one */
	unsigned canary_misses;
	unsigned metrics_rules, metrics_sources; /* series of so many rules and senders; 0 = none */
	const char *syslog;			 /* deliver.syslog: the second path; NULL = none */
	bool deliver_names, deliver_all;
	const struct toc_people *people; /* NULL = no people.yml */
	const struct toc_route_grant *grants;
	unsigned ngrants;
	unsigned school_year; /* month * 100 + day; 0 = the stage's default */
	const char *state;    /* folder of journal and bookmarks */
	uint64_t link_mbps; /* each way; observe.link.mbps, else the sum of the interfaces; 0 = no share of the link */
	const struct toc_yaml *site, *protect, *observe; /* maps, checked by their stages; NULL = absent */
	size_t flows;					 /* limits.flows per worker; 0 = the stage's default */
	size_t ring_bytes;				 /* limits.ring_mb */
	size_t windows,
		window_bytes; /* limits.windows, limits.windows_mb of all correlations; 0 = the stage's default */
	struct toc_shed_config shed;
	uint64_t journal_bytes;
	struct toc_retention retention;
	bool evidence;		 /* packets and lines are kept */
	uint64_t packet_bytes;	 /* cap of the ring of packets; 0 = none are kept */
	uint64_t evidence_bytes; /* and of what alerts kept of them */
	toc_time packet_age, evidence_age;
};

/*
 * path NULL: defaults. data: folder of the shipped rules. Mistakes go to diag; with any, the
 * configuration serves only to find the others (toc_config_sound). Owned by the caller.
 */
struct toc_config *toc_config_load(const char *path, const char *data, struct toc_diag *diag);
void toc_config_free(struct toc_config *c);

/*
 * The section `syslog` alone, of the same files as they are now, by the opener; certificates are not looked at. NULL:
 * mistakes. Owned by the caller.
 */
struct toc_config *toc_config_listeners_again(const struct toc_config *running, const struct toc_opener *opener,
					      struct toc_diag *diag);

/* out: the running listeners with `allow` and `peers` of the next ones, borrowed; which come or go waits for a start.
 * false: mistakes in diag. */
bool toc_config_admission(const struct toc_config *running, const struct toc_config *next,
			  struct toc_listener out[TOC_LISTENERS], struct toc_diag *diag);

/* Of a command: the file at path, NULL = /etc/tocsin/tocsin.yml. What there is to say of it is on stderr; NULL:
 * mistakes. */
struct toc_config *toc_config_open(const char *path);

/* Rules go on with what was made of alerts (exemption.h), where the folder is; make: it is made, so that what comes
 * later is found by a reload. */
void toc_config_take_exemptions(struct toc_config *c, bool make);

/* Each value that the files give with its place, then defaults; without what is secret in URLs. */
void toc_config_values(const struct toc_config *c, FILE *out);

/* Processing pipelines behind those that the file names (--pipeline); NULL-terminated, borrowed. */
void toc_config_add_pipelines(struct toc_config *c, const char *const *paths);

/* The folder of the shipped rules: of the source tree, of the prefix that the program is installed below, else
 * /usr/share/tocsin/rules. Written to out; returns out. */
const char *toc_data_folder(char *out, size_t n);

#endif
