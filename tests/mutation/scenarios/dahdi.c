// SPDX-License-Identifier: GPL-2.0-only
/*
 * dahdi without a telephone card: the control device, the timer, and pseudo channels, which are made by opening a device and
 * take buffers, conferences, gains and tone zones.
 */
#include <kfail/scenario.h>
#include <poll.h>
#include <stddef.h>
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
#define DAHDI_SETLINEAR	   _IOW(0xda, 40, int)
#define DAHDI_TIMERCONFIG  _IOW(0xda, 47, int)
#define DAHDI_TIMERACK	   _IOW(0xda, 48, int)
#define DAHDI_GETVERSION   _IOR(0xda, 57, struct version)
#define DAHDI_MAINT_UNUSED _IO(0xda, 255)

static int ctl = -1;

OPERATION(open)
{
	ctl = open("/dev/dahdi/ctl", O_RDWR);
	return result(ctl);
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

OPERATION(timer)
{
	int fd = open("/dev/dahdi/timer", O_RDWR), samples = 160, one = 1;
	struct pollfd p = {.fd = fd, .events = POLLPRI};
	long err;

	if (fd < 0)
		return -errno;
	err = result(ioctl(fd, DAHDI_TIMERCONFIG, &samples));
	if (!err) {
		poll(&p, 1, 50);
		err = result(ioctl(fd, DAHDI_TIMERACK, &one));
	}
	expect(ioctl(fd, DAHDI_MAINT_UNUSED, 0) == -1);
	close(fd);
	return err;
}

static int channel = -1;

OPERATION(open_pseudo)
{
	channel = open("/dev/dahdi/pseudo", O_RDWR | O_NONBLOCK);
	return result(channel);
}

OPERATION(buffers)
{
	struct buffers b = {0};
	long err = result(ioctl(channel, DAHDI_GET_BUFINFO, &b));

	if (err)
		return err;
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

OPERATION(transfer)
{
	static char samples[160];
	int all = 3, event;
	long n = result(write(channel, samples, sizeof(samples)));

	if (n < 0 && n != -EAGAIN)
		return n;
	n = result(read(channel, samples, sizeof(samples)));
	if (n < 0 && n != -EAGAIN && n != -500 /* ELAST: an event waits */)
		return n;
	ioctl(channel, DAHDI_GETEVENT, &event);
	return result(ioctl(channel, DAHDI_FLUSH, &all));
}

OPERATION(conference)
{
	struct conference c = {.number = -1, .mode = 0x304 /* talk and listen */};
	int number = 0, linear = 1;
	long err = result(ioctl(channel, DAHDI_CHANNO, &number));

	if (!err)
		err = result(ioctl(channel, DAHDI_SETLINEAR, &linear));
	if (!err)
		err = result(ioctl(channel, DAHDI_SETCONF, &c));
	c.channel = 0;
	if (!err)
		err = result(ioctl(channel, DAHDI_GETCONF, &c));
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
	zone.tones[0].next = 5;
	zone.zone = 8;
	expect(ioctl(ctl, DAHDI_LOADZONE, &zone) == -1);
	zone.count = 100000;
	expect(ioctl(ctl, DAHDI_LOADZONE, &zone) == -1);
	return 0;
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
