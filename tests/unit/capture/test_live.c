/* pcap_live: errors that help, and three workers on a virtual cable that share frames as toc_spread says. */
#define _GNU_SOURCE /* unshare */
#include "test.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "capture/capture.h"
#include "frames.h"

enum { WORKERS = 3, SENT = 600 };

static char err[512];
static struct frame f;

static int command(const char *text)
{
	return system(text);
}

/* A network of our own with one cable, tap0 to tap1; needs the right to make one. */
static bool lay_cable(void)
{
	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return false;
	return command("ip link add tap0 type veth peer name tap1 2>/dev/null && ip link set tap0 up && "
		       "ip link set tap1 up") == 0;
}

static struct toc_live how(unsigned worker, unsigned workers)
{
	return (struct toc_live){ .interface = "tap0",
				  .filter = "ether src 02:00:00:00:00:01 or (vlan and ether src 02:00:00:00:00:01)",
				  .iface = 3,
				  .ring_mb = 4,
				  .worker = worker,
				  .workers = workers,
				  .fanout = 77 };
}

static void errors_say_what_to_do(void **state)
{
	(void)state;
	struct toc_live h = how(0, 1);
	h.interface = "no-such-nic";
	assert_null(toc_capture_live(&h, err, sizeof(err)));
	assert_true(strstr(err, "ip link") || strstr(err, "CAP_NET_RAW"));
	h.workers = 100000;
	assert_null(toc_capture_live(&h, err, sizeof(err)));
	assert_non_null(strstr(err, "100000 workers"));
}

static void a_wrong_filter_is_told(void **state)
{
	if (!*state)
		skip();
	struct toc_live h = how(0, 1);
	h.filter = "port banana";
	assert_null(toc_capture_live(&h, err, sizeof(err)));
	assert_non_null(strstr(err, "banana"));
}

static void a_downed_interface_is_told(void **state)
{
	if (!*state)
		skip();
	assert_int_equal(command("ip link add dark0 type veth peer name dark1"), 0);
	struct toc_live h = how(0, 1);
	h.interface = "dark0";
	assert_null(toc_capture_live(&h, err, sizeof(err)));
	assert_non_null(strstr(err, "is down"));
}

static void idle_is_answered_in_time(void **state)
{
	if (!*state)
		skip();
	struct toc_live h = how(0, 1);
	struct toc_capture *c = toc_capture_live(&h, err, sizeof(err));
	struct toc_frame frame;
	struct timespec from, to;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < 4; i++)
		assert_int_equal(toc_capture_next(c, &frame), TOC_READ_IDLE);
	clock_gettime(CLOCK_MONOTONIC, &to);
	double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
	assert_true(seconds > 0.1 && seconds < 1.0); /* four times 50 ms on a machine that may be busy */
	toc_capture_close(c);
}

/* IPv4 and IPv6 with no, one and two tags; every address pair is another. */
static void make(unsigned i)
{
	static const unsigned tag_types[] = { 0x8100, 0x88a8 };
	char src[40], dst[40];
	bool v6 = i & 1;
	unsigned tags = i / 2 % 3, type = v6 ? 0x86dd : 0x0800;
	frame_eth(&f, tags ? tag_types[i / 6 % 2] : type);
	for (unsigned t = 0; t < tags; t++)
		frame_vlan(&f, 100 + t, t + 1 < tags ? 0x8100 : type);
	snprintf(src, sizeof(src), v6 ? "2001:db8::%x" : "10.1.%u.7", i % 200);
	snprintf(dst, sizeof(dst), v6 ? "2001:db8:1::%x" : "10.2.3.%u", i * 7 % 250);
	if (v6)
		frame_ip6(&f, src, dst, 17);
	else
		frame_ip4(&f, src, dst, 17);
	frame_udp(&f, 1, 2);
	frame_be32(&f, i);
	frame_done(&f);
}

static void send_all(unsigned n)
{
	char said[PCAP_ERRBUF_SIZE];
	pcap_t *out = pcap_open_live("tap1", 100, 0, 10, said);
	assert_non_null(out);
	for (unsigned i = 0; i < n; i++) {
		make(i);
		assert_int_equal(pcap_inject(out, f.b, f.n), f.n);
	}
	pcap_close(out);
}

static void workers_share_as_the_hash_says(void **state)
{
	if (!*state)
		skip();
	struct toc_capture *c[WORKERS];
	for (unsigned w = 0; w < WORKERS; w++) {
		struct toc_live h = how(w, WORKERS);
		c[w] = toc_capture_live(&h, err, sizeof(err));
		if (!c[w])
			fail_msg("%s", err);
	}
	send_all(SENT);
	unsigned got = 0, tagged = 0;
	for (unsigned w = 0; w < WORKERS; w++) {
		struct toc_frame frame;
		unsigned mine = 0;
		while (toc_capture_next(c[w], &frame) == TOC_READ_FRAME) {
			assert_int_equal(toc_spread(&frame) % WORKERS, w);
			assert_int_equal(frame.linktype, 1);
			assert_int_equal(frame.ordinal, ++mine);
			assert_true(frame.at >= frame.ts && frame.iface == 3);
			tagged += frame.bytes.p[12] == 0x81 || frame.bytes.p[12] == 0x88;
		}
		assert_true(mine > SENT / WORKERS / 2);
		got += mine;
	}
	assert_int_equal(got, SENT);
	assert_int_equal(tagged, SENT / 3 * 2); /* the tag that the kernel took off is there again */
	for (unsigned w = 0; w < WORKERS; w++)
		toc_capture_close(c[w]);
}

/* A ring of the least size and nobody reading: what the kernel dropped is told, and nothing is counted twice. */
static void drops_are_told(void **state)
{
	if (!*state)
		skip();
	struct toc_live h = how(0, 1);
	h.ring_mb = 1;
	struct toc_capture *c = toc_capture_live(&h, err, sizeof(err));
	struct toc_capture_stats s;
	struct toc_frame frame;
	send_all(20000);
	while (toc_capture_next(c, &frame) == TOC_READ_FRAME)
		;
	toc_capture_stats(c, &s);
	toc_capture_stats(c, &s);
	assert_true(s.kernel_dropped > 0);
	assert_true(s.frames + s.kernel_dropped == s.kernel_received);
	assert_true(s.kernel_received == 20000);
	toc_capture_close(c);
}

/* A device of bare IP packets that becomes one of Ethernet while it is down, as a card does that is put into monitor mode. */
static void a_changed_link_type_ends_the_capture(void **state)
{
	struct ifreq device = { .ifr_name = "bare0", .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = *state ? open("/dev/net/tun", O_RDWR) : -1;
	if (fd < 0 || ioctl(fd, TUNSETIFF, &device) != 0)
		skip();
	assert_int_equal(command("ip link set bare0 up"), 0);
	struct toc_live h = { .interface = "bare0", .ring_mb = 4, .workers = 1 };
	struct toc_capture *c = toc_capture_live(&h, err, sizeof(err));
	struct toc_capture_stats stats;
	struct toc_frame frame;
	assert_non_null(c);
	toc_capture_stats(c, &stats);
	assert_int_not_equal(toc_capture_next(c, &frame), TOC_READ_BROKEN);
	assert_int_equal(command("ip link set bare0 down"), 0);
	assert_int_equal(ioctl(fd, TUNSETLINK, ARPHRD_ETHER), 0);
	assert_int_equal(command("ip link set bare0 up"), 0);
	toc_capture_stats(c, &stats);
	assert_int_equal(toc_capture_next(c, &frame), TOC_READ_BROKEN);
	assert_non_null(strstr(toc_capture_error(c), "bare0"));
	assert_non_null(strstr(toc_capture_error(c), "link type"));
	toc_capture_close(c);
	close(fd);
}

static void a_lost_interface_ends_the_capture(void **state)
{
	if (!*state)
		skip();
	struct toc_live h = how(0, 1);
	struct toc_capture *c = toc_capture_live(&h, err, sizeof(err));
	struct toc_frame frame;
	assert_int_equal(toc_capture_next(c, &frame), TOC_READ_IDLE);
	assert_int_equal(command("ip link del tap0"), 0);
	enum toc_read got = TOC_READ_IDLE;
	for (int i = 0; i < 10 && got == TOC_READ_IDLE; i++)
		got = toc_capture_next(c, &frame);
	assert_int_equal(got, TOC_READ_BROKEN);
	assert_non_null(strstr(toc_capture_error(c), "tap0"));
	toc_capture_close(c);
}

static int set_up(void **state)
{
	static bool yes = true;
	if (lay_cable())
		*state = &yes;
	else
		print_message("live capture is not tested: no right to make a network of our own\n");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_say_what_to_do),
		cmocka_unit_test(a_wrong_filter_is_told),
		cmocka_unit_test(a_downed_interface_is_told),
		cmocka_unit_test(idle_is_answered_in_time),
		cmocka_unit_test(workers_share_as_the_hash_says),
		cmocka_unit_test(drops_are_told),
		cmocka_unit_test(a_changed_link_type_ends_the_capture),
		cmocka_unit_test(a_lost_interface_ends_the_capture),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
