/* pcap_live - frames from an interface: TPACKET_V3 rings, one per worker, joined to a fan-out group. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "capture/handle.h"
#include "capture/spread.h"

/* At most this long from a frame's arrival to its delivery, and between two answers of an idle interface. */
#define WAIT_MS	       50
#define DEFAULT_SNAP   65535
#define DEFAULT_RING   64
#define GREATEST_RING  1024 /* MiB: libpcap takes the size as an int of bytes */
#define FANOUT_WORKERS 256  /* the kernel's limit before Linux 5.11 */

int capture_wait(const struct toc_capture *c)
{
	struct pollfd p = { .fd = pcap_get_selectable_fd(c->pcap), .events = POLLIN };
	return poll(&p, 1, WAIT_MS) > 0;
}

/* ARPHRD_ of the interface at present (packet(7)); negative: it is gone, which libpcap tells, or has none. */
static int hardware_of(const struct toc_capture *c)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET };
	socklen_t n = sizeof(at);
	bool told = getsockname(pcap_fileno(c->pcap), (struct sockaddr *)&at, &n) == 0;
	return told && at.sll_family == AF_PACKET && at.sll_hatype ? at.sll_hatype : -1;
}

/* The kernel counts from zero after each answer; libpcap adds up what it has asked for itself, and reads files for it.
 */
void capture_look(struct toc_capture *c)
{
	struct tpacket_stats_v3 now = { 0 };
	socklen_t n = sizeof(now);
	int hardware = hardware_of(c);
	c->changed = c->changed || (hardware >= 0 && c->hardware >= 0 && hardware != c->hardware);
	if (getsockopt(pcap_fileno(c->pcap), SOL_PACKET, PACKET_STATISTICS, &now, &n) != 0)
		return;
	c->stats.kernel_received += now.tp_packets;
	c->stats.kernel_dropped += now.tp_drops;
}

uint64_t toc_capture_waiting(struct toc_capture *c)
{
	capture_look(c);
	int64_t came = (int64_t)(c->stats.kernel_received - c->stats.kernel_dropped - c->stats.frames);
	if (came < c->never_given)
		c->never_given = came;
	return (uint64_t)(came - c->never_given);
}

unsigned toc_capture_fill(struct toc_capture *c, bool behind)
{
	enum { BESIDE = 96, WHOLE = 1000 }; /* bytes of a frame's headers in the ring */
	uint64_t waits = toc_capture_waiting(c), frames = c->stats.frames - c->looked_frames;
	uint64_t mean = frames ? (c->stats.bytes - c->looked_bytes) / frames : c->mean;
	c->mean = c->mean ? (3 * c->mean + mean) / 4 : mean;
	c->looked_frames = c->stats.frames;
	c->looked_bytes = c->stats.bytes;
	if (!behind) {
		c->never_given += (int64_t)waits;
		return 0;
	}
	uint64_t bytes = waits * (c->mean + BESIDE);
	return bytes >= c->ring_bytes ? WHOLE : (unsigned)(bytes * WHOLE / c->ring_bytes);
}

static const struct {
	int code;
	const char *remedy;
} remedies[] = {
	{ PCAP_ERROR_NO_SUCH_DEVICE, "there is no such interface; `ip link` lists those there are" },
	{ PCAP_ERROR_PERM_DENIED, "no permission to capture; run as root or with CAP_NET_RAW" },
	{ PCAP_ERROR_PROMISC_PERM_DENIED, "no permission to see all frames; run as root or with CAP_NET_RAW" },
	{ PCAP_ERROR_IFACE_NOT_UP, "the interface is down; `ip link set INTERFACE up` starts it" },
};

static void explain(const struct toc_live *how, pcap_t *pcap, int code, char *err, size_t err_size)
{
	const char *said = pcap_geterr(pcap);
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (remedies[i].code == code) {
			snprintf(err, err_size, "%s: %s", how->interface, remedies[i].remedy);
			return;
		}
	snprintf(err, err_size, "%s: capture cannot start: %s", how->interface, *said ? said : pcap_statustostr(code));
}

static int ring_mb(const struct toc_live *how)
{
	return how->ring_mb <= 0 ? DEFAULT_RING : how->ring_mb > GREATEST_RING ? GREATEST_RING : how->ring_mb;
}

/* Not immediate mode: libpcap gives up TPACKET_V3 for it. */
static bool activate(pcap_t *pcap, const struct toc_live *how, char *err, size_t err_size)
{
	pcap_set_snaplen(pcap, how->snaplen > 0 ? how->snaplen : DEFAULT_SNAP);
	pcap_set_promisc(pcap, 1);
	pcap_set_timeout(pcap, WAIT_MS);
	pcap_set_buffer_size(pcap, ring_mb(how) << 20);
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	int code = pcap_activate(pcap);
	if (code < 0)
		explain(how, pcap, code, err, err_size);
	return code >= 0;
}

static void ignore(u_char *unused, const struct pcap_pkthdr *h, const u_char *bytes)
{
	(void)unused;
	(void)h;
	(void)bytes;
}

/*
 * The socket has listened since it was made, to frames that belong to other workers or that the filter does not want.
 * Behind a filter that takes nothing they are drained from the ring, and none is added until the real filter is set.
 */
static bool quiet(pcap_t *pcap, char *said)
{
	struct bpf_insn nothing = { .code = BPF_RET | BPF_K, .k = 0 };
	struct bpf_program reject = { .bf_len = 1, .bf_insns = &nothing };
	if (pcap_setfilter(pcap, &reject) != 0 || pcap_setnonblock(pcap, 1, said) != 0)
		return false;
	int n;
	do
		n = pcap_dispatch(pcap, -1, ignore, NULL);
	while (n > 0);
	return n == 0;
}

/* The kernel takes toc_spread of a frame modulo the members of the group, in the order in which they joined. */
static bool join(pcap_t *pcap, const struct toc_live *how)
{
	_Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "one instruction format");
	struct bpf_insn code[SPREAD_PROGRAM];
	/* relative to the network header: right for both directions and after the kernel took off the outer VLAN tag */
	unsigned n = spread_program(code, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL), (uint32_t)SKF_NET_OFF);
	struct sock_fprog program = { .len = (unsigned short)n, .filter = (struct sock_filter *)code };
	int group = how->fanout | PACKET_FANOUT_CBPF << 16, fd = pcap_fileno(pcap);
	return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)) == 0 &&
	       setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &program, sizeof(program)) == 0;
}

static bool set_filter(pcap_t *pcap, const char *text)
{
	struct bpf_program program;
	if (pcap_compile(pcap, &program, text ? text : "", 1, PCAP_NETMASK_UNKNOWN) != 0)
		return false;
	int failed = pcap_setfilter(pcap, &program);
	pcap_freecode(&program);
	return !failed;
}

/* From a handle that is active to one that gives this worker's frames. */
static bool prepare(pcap_t *pcap, const struct toc_live *how, char *err, size_t err_size)
{
	char said[PCAP_ERRBUF_SIZE] = "";
	if (!quiet(pcap, said)) {
		snprintf(err, err_size, "%s: capture cannot start: %s", how->interface,
			 *said ? said : pcap_geterr(pcap));
		return false;
	}
	if (how->workers > 1 && !join(pcap, how)) {
		snprintf(err, err_size,
			 "%s: worker %u cannot join fan-out group %u: %s; set workers to 1 or choose another",
			 how->interface, how->worker, how->fanout, strerror(errno));
		return false;
	}
	if (!set_filter(pcap, how->filter)) {
		snprintf(err, err_size, "%s: filter \"%s\": %s", how->interface, how->filter ? how->filter : "",
			 pcap_geterr(pcap));
		return false;
	}
	return true;
}

struct toc_capture *toc_capture_live(const struct toc_live *how, char *err, size_t err_size)
{
	char said[PCAP_ERRBUF_SIZE] = "";
	if (how->workers > FANOUT_WORKERS) {
		snprintf(err, err_size, "%s: %u workers; at most %d can share an interface", how->interface,
			 how->workers, FANOUT_WORKERS);
		return NULL;
	}
	struct toc_capture *c = capture_new(how->interface, how->iface);
	c->live = true;
	c->pcap = pcap_create(how->interface, said);
	if (!c->pcap)
		snprintf(err, err_size, "%s: capture cannot start: %s", how->interface, said);
	if (!c->pcap || !activate(c->pcap, how, err, err_size) || !prepare(c->pcap, how, err, err_size)) {
		toc_capture_close(c);
		return NULL;
	}
	c->ring_bytes = (size_t)ring_mb(how) << 20;
	c->hardware = hardware_of(c);
	capture_ready(c);
	return c;
}
