// SPDX-License-Identifier: GPL-2.0-only
/*
 * dahdi without a telephone card: the control device, the timer, and pseudo channels, which are made by opening a device and
 * take buffers, conferences, echo cancellers and tone zones. What needs a span of channels with a driver behind it is left out.
 */
#include <kfail/scenario.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

struct version {
	char version[80], echo_canceller[80];
};

struct conference {
	int channel, number, mode;
};

struct buffers {
	int tx_policy, rx_policy, count, size, reads, writes;
};

struct tone {
	int tone, next, samples, shift, factors[6], modulate;
};

struct zone {
	int count, zone, cadence[16];
	char name[40];
	struct tone tones[2];
};

#define ZONE_HEADER offsetof(struct zone, tones)

struct echo_canceller {
	int channel;
	char name[16];
};

#define TALK_AND_LISTEN 0x304 /* DAHDI_CONF_CONF, as talker and listener */
#define MONITOR		1     /* DAHDI_CONF_MONITOR: the number is a channel's */
#define MONITOR_EARLY	10    /* DAHDI_CONF_MONITOR_RX_PREECHO */

#define DAHDI_FLUSH	   _IOW(0xda, 3, int)
#define DAHDI_GETEVENT	   _IOR(0xda, 8, int)
#define DAHDI_IOMUX	   _IOWR(0xda, 9, int)
#define DAHDI_GETCONF	   _IOWR(0xda, 12, struct conference)
#define DAHDI_SETCONF	   _IOWR(0xda, 13, struct conference)
#define DAHDI_CONFMUTE	   _IOW(0xda, 20, int)
#define DAHDI_LOADZONE	   _IOC(_IOC_WRITE, 0xda, 25, ZONE_HEADER)
#define DAHDI_FREEZONE	   _IOW(0xda, 26, int)
#define DAHDI_GET_BUFINFO  _IOR(0xda, 27, struct buffers)
#define DAHDI_SET_BUFINFO  _IOW(0xda, 27, struct buffers)
#define DAHDI_CHANNO	   _IOR(0xda, 34, int)
#define DAHDI_SENDTONE	   _IOW(0xda, 21, int)
#define DAHDI_GETTONEZONE  _IOR(0xda, 22, int)
#define DAHDI_SETTONEZONE  _IOW(0xda, 22, int)
#define DAHDI_SETLINEAR	   _IOW(0xda, 40, int)
#define DAHDI_TIMERCONFIG  _IOW(0xda, 47, int)
#define DAHDI_TIMERACK	   _IOW(0xda, 48, int)
#define DAHDI_GETVERSION   _IOR(0xda, 57, struct version)
#define DAHDI_ATTACH_EC	   _IOW(0xda, 59, struct echo_canceller)
#define DAHDI_MAINT_UNUSED _IO(0xda, 255)

static int ctl = -1;

OPERATION(open)
{
	ctl = open("/dev/dahdi/ctl", O_RDWR);
	return result(ctl);
}

OPERATION(proc)
{
	int fd = open("/proc/dahdi", O_RDONLY | O_DIRECTORY);

	return fd < 0 ? -errno : result(close(fd));
}

OPERATION(version)
{
	struct version version;
	long err = result(ioctl(ctl, DAHDI_GETVERSION, &version));

	if (!err)
		expect(version.version[0]);
	return err;
}

OPERATION(unknown)
{
	expect(ioctl(ctl, DAHDI_MAINT_UNUSED, 0) == -1);
	return 0;
}

OPERATION(pseudo)
{
	int fd = open("/dev/dahdi/pseudo", O_RDWR);

	return fd < 0 ? -errno : result(close(fd));
}

/* It is armed when it is closed: whoever arms the next one meets what is left of it. */
static long use_timer(void)
{
	int fd = open("/dev/dahdi/timer", O_RDWR), samples = 160, one = 1;
	struct pollfd p = {.fd = fd, .events = POLLPRI};
	long err;

	if (fd < 0) {
		expect(errno != ENXIO); /* there is always one: of the core itself */
		return -errno;
	}
	err = result(ioctl(fd, DAHDI_TIMERCONFIG, &samples));
	if (!err) {
		poll(&p, 1, 50);
		err = result(ioctl(fd, DAHDI_TIMERACK, &one));
	}
	expect(ioctl(fd, DAHDI_MAINT_UNUSED, 0) == -1);
	close(fd);
	return err;
}

OPERATION(timer)
{
	long err = use_timer();

	return err ? err : use_timer();
}

static int channel = -1;

OPERATION(open_pseudo)
{
	channel = open("/dev/dahdi/pseudo", O_RDWR | O_NONBLOCK);
	return result(channel);
}

/* A channel without buffers takes nothing: -EAGAIN. */
static long transfer(void)
{
	static char samples[160];
	int all = 3, event = -1;
	long n = result(write(channel, samples, sizeof(samples)));

	if (n < 0)
		return n;
	n = result(read(channel, samples, sizeof(samples)));
	if (n < 0 && n != -EAGAIN && n != -500 /* ELAST: an event waits */)
		return n;
	if (!ioctl(channel, DAHDI_GETEVENT, &event))
		expect(event >= 0);
	return result(ioctl(channel, DAHDI_FLUSH, &all));
}

OPERATION(transfer)
{
	return transfer();
}

/* Nothing else can go wrong with what is asked for here. */
static const int fault_or_memory[] = {EFAULT, ENOMEM, 0};

OPERATION(buffers, .errors = fault_or_memory)
{
	struct buffers b = {0};
	long err = result(ioctl(channel, DAHDI_GET_BUFINFO, &b));

	if (err)
		return err;
	expect(b.count >= 2 && b.size >= 16);
	b.size = 160;
	b.count = 4;
	err = result(ioctl(channel, DAHDI_SET_BUFINFO, &b));
	b.size = 1 << 20;
	expect(ioctl(channel, DAHDI_SET_BUFINFO, &b) == -1);
	b.size = 160;
	b.count = 10000;
	expect(ioctl(channel, DAHDI_SET_BUFINFO, &b) == -1);
	return err;
}

OPERATION(transfer_again)
{
	return transfer();
}

static long number_of(int fd, int *number)
{
	long err = result(ioctl(fd, DAHDI_CHANNO, number));

	if (!err)
		expect(*number > 0);
	return err;
}

OPERATION(conference)
{
	struct conference c = {.number = -1, .mode = TALK_AND_LISTEN}, now = {0};
	int number = 0, linear = 1;
	long err = number_of(channel, &number);

	if (!err)
		err = result(ioctl(channel, DAHDI_SETLINEAR, &linear));
	if (!err)
		err = result(ioctl(channel, DAHDI_SETCONF, &c));
	if (!err)
		err = result(ioctl(channel, DAHDI_GETCONF, &now));
	if (!err)
		expect(now.channel == number && now.number == c.number && now.mode == c.mode);
	return err;
}

OPERATION(transfer_linear)
{
	return transfer();
}

OPERATION(wrong_conference)
{
	struct conference c = {.number = -5, .mode = TALK_AND_LISTEN};

	expect(ioctl(channel, DAHDI_SETCONF, &c) == -1);
	c.number = 0;
	expect(ioctl(channel, DAHDI_SETCONF, &c) == -1);
	c.number = 1;
	c.mode = 0;
	expect(ioctl(channel, DAHDI_SETCONF, &c) == -1);
	c.number = 30000;
	c.mode = MONITOR;
	expect(ioctl(channel, DAHDI_SETCONF, &c) == -1);
	c.channel = 30000;
	expect(ioctl(channel, DAHDI_SETCONF, &c) == -1);
	expect(ioctl(channel, DAHDI_GETCONF, &c) == -1);
	return 0;
}

/* The other one ends while it is listened to. */
static long listen_to(int other)
{
	struct conference c = {.mode = MONITOR_EARLY}, none = {0};
	long err = number_of(other, &c.number);

	if (!err)
		err = result(ioctl(channel, DAHDI_SETCONF, &c));
	c.channel = 0;
	c.mode = MONITOR;
	if (!err)
		err = result(ioctl(channel, DAHDI_SETCONF, &c));
	if (!err)
		err = result(ioctl(channel, DAHDI_SETCONF, &none));
	c.channel = 0;
	c.mode = MONITOR_EARLY;
	return err ? err : result(ioctl(channel, DAHDI_SETCONF, &c));
}

OPERATION(monitor)
{
	int other = open("/dev/dahdi/pseudo", O_RDWR | O_NONBLOCK);
	struct conference now = {0};
	long err;

	if (other < 0)
		return -errno;
	err = listen_to(other);
	close(other);
	if (!err)
		err = result(ioctl(channel, DAHDI_GETCONF, &now));
	if (!err)
		expect(!now.number && !now.mode);
	return err;
}

OPERATION(echo_canceller)
{
	struct echo_canceller ec = {.name = "HWEC"}, none = {0};
	long err = number_of(channel, &ec.channel);

	none.channel = ec.channel;
	if (!err)
		err = result(ioctl(ctl, DAHDI_ATTACH_EC, &ec));
	if (!err)
		err = result(ioctl(ctl, DAHDI_ATTACH_EC, &none));
	if (!err)
		err = result(ioctl(ctl, DAHDI_ATTACH_EC, &ec));
	strcpy(ec.name, "NONE");
	expect(ioctl(ctl, DAHDI_ATTACH_EC, &ec) == -1);
	ec.channel = 30000;
	expect(ioctl(ctl, DAHDI_ATTACH_EC, &ec) == -1);
	return err;
}

OPERATION(zone)
{
	struct zone zone = {.count = 1, .zone = 7, .name = "test"};
	long err;

	zone.tones[0].samples = 100;
	err = result(ioctl(ctl, DAHDI_LOADZONE, &zone));
	if (err)
		return err;
	expect(ioctl(ctl, DAHDI_LOADZONE, &zone) == -1); /* there is one of this number */
	zone.tones[0].next = 5;
	zone.zone = 8;
	expect(ioctl(ctl, DAHDI_LOADZONE, &zone) == -1);
	zone.tones[0].tone = -3;
	expect(ioctl(ctl, DAHDI_LOADZONE, &zone) == -1);
	zone.count = 100000;
	expect(ioctl(ctl, DAHDI_LOADZONE, &zone) == -1);
	zone.count = -1;
	expect(ioctl(ctl, DAHDI_LOADZONE, &zone) == -1);
	zone.count = 0;
	zone.zone = -1;
	expect(ioctl(ctl, DAHDI_LOADZONE, &zone) == -1);
	return 0;
}

OPERATION(set_zone)
{
	int zone = 7, is = 0;
	long err = result(ioctl(channel, DAHDI_SETTONEZONE, &zone));

	if (!err)
		err = result(ioctl(channel, DAHDI_GETTONEZONE, &is));
	if (!err)
		expect(is == 7);
	return err;
}

/* The zone of the tone that is heard goes away. */
static long change_zone(void)
{
	int tone = 0, was = 7, zone = 9;
	long err = result(ioctl(channel, DAHDI_SENDTONE, &tone));

	if (!err)
		err = result(ioctl(channel, DAHDI_SETTONEZONE, &zone));
	if (!err)
		err = result(ioctl(ctl, DAHDI_FREEZONE, &was));
	if (!err)
		poll(NULL, 0, 30);
	return err;
}

OPERATION(tone)
{
	struct zone other = {.count = 1, .zone = 9, .name = "other"};
	int unknown = 100000, zone = 9;
	long err;

	other.tones[0].samples = 100;
	err = result(ioctl(ctl, DAHDI_LOADZONE, &other));
	if (err)
		return err;
	expect(ioctl(channel, DAHDI_SENDTONE, &unknown) == -1);
	err = change_zone();
	ioctl(ctl, DAHDI_FREEZONE, &zone);
	return err;
}

OPERATION(free_zone)
{
	int number = 7;

	return result(ioctl(ctl, DAHDI_FREEZONE, &number));
}

OPERATION(close_pseudo)
{
	return result(close(channel));
}

OPERATION(close)
{
	return result(close(ctl));
}
