// SPDX-License-Identifier: GPL-2.0-only
/*
 * v4l2loopback: a writer and a reader, formats, controls, buffers, timeouts and the files in sysfs; and what the driver must
 * say no to.
 */
#include <kfail/scenario.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define WIDTH	 64
#define HEIGHT	 32
#define SYSFS	 "/sys/devices/virtual/video4linux/video0/"
#define CID_BASE (V4L2_CID_USER_BASE | 0xf000)

enum { KEEP_FORMAT = CID_BASE, SUSTAIN_FRAMERATE, TIMEOUT, TIMEOUT_IMAGE_IO };

static int out = -1, in = -1;
static char frame[WIDTH * HEIGHT * 2], back[sizeof(frame)];

/* The driver goes on without the files that it cannot make, and says so in the log. */
static int has_files(void)
{
	struct stat stat_buffer;

	return !stat(SYSFS "max_openers", &stat_buffer);
}

static int open_device(void)
{
	return open("/dev/video0", O_RDWR | O_NONBLOCK);
}

static long control(int fd, unsigned id, int value)
{
	struct v4l2_control c = {.id = id, .value = value};

	return result(ioctl(fd, VIDIOC_S_CTRL, &c));
}

static int control_value(int fd, unsigned id)
{
	struct v4l2_control c = {.id = id};

	return ioctl(fd, VIDIOC_G_CTRL, &c) ? -errno : c.value;
}

OPERATION(open)
{
	out = open_device();
	return result(out);
}

OPERATION(nothing_yet)
{
	char text[64];

	expect(read(out, back, sizeof(back)) == -1 && errno == EAGAIN);
	expect(write(out, frame, 16) == -1); /* without a format */
	expect(ioctl(out, VIDIOC_STREAMON, &(int){V4L2_BUF_TYPE_VIDEO_OUTPUT}) == -1);
	expect(kfail_read_file(SYSFS "format", text, sizeof(text)) <= 0);
	return 0;
}

OPERATION(query)
{
	struct v4l2_capability capability;
	long err = result(ioctl(out, VIDIOC_QUERYCAP, &capability));

	if (!err)
		expect(!strcmp((char *)capability.driver, "v4l2 loopback"));
	return err;
}

static long set_format(int fd, unsigned type, unsigned long ask, unsigned fourcc)
{
	struct v4l2_format format = {.type = type};

	format.fmt.pix.width = WIDTH;
	format.fmt.pix.height = HEIGHT;
	format.fmt.pix.pixelformat = fourcc;
	format.fmt.pix.field = V4L2_FIELD_NONE;
	return result(ioctl(fd, ask, &format));
}

OPERATION(set_format)
{
	long err = set_format(out, V4L2_BUF_TYPE_VIDEO_OUTPUT, VIDIOC_TRY_FMT, V4L2_PIX_FMT_YUYV);

	if (!err)
		err = set_format(out, V4L2_BUF_TYPE_VIDEO_OUTPUT, VIDIOC_S_FMT, V4L2_PIX_FMT_YUYV);
	return err;
}

OPERATION(formats)
{
	struct v4l2_fmtdesc description = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
	struct v4l2_frmsizeenum size = {.pixel_format = V4L2_PIX_FMT_YUYV};
	struct v4l2_frmivalenum interval = {
		.pixel_format = V4L2_PIX_FMT_YUYV, .width = WIDTH, .height = HEIGHT};

	expect(!ioctl(out, VIDIOC_ENUM_FMT, &description));
	description.index = 9999;
	expect(ioctl(out, VIDIOC_ENUM_FMT, &description) == -1);
	expect(!ioctl(out, VIDIOC_ENUM_FRAMESIZES, &size));
	size.index = 7;
	expect(ioctl(out, VIDIOC_ENUM_FRAMESIZES, &size) == -1);
	expect(!ioctl(out, VIDIOC_ENUM_FRAMEINTERVALS, &interval));
	interval.index = 7;
	expect(ioctl(out, VIDIOC_ENUM_FRAMEINTERVALS, &interval) == -1);
	return 0;
}

OPERATION(streams)
{
	struct v4l2_streamparm parm = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
	struct v4l2_output output = {0};
	unsigned index = 0;

	expect(!ioctl(out, VIDIOC_G_PARM, &parm));
	parm.parm.output.timeperframe.numerator = 1;
	parm.parm.output.timeperframe.denominator = 25;
	expect(!ioctl(out, VIDIOC_S_PARM, &parm));
	expect(!ioctl(out, VIDIOC_ENUMOUTPUT, &output));
	output.index = 3;
	expect(ioctl(out, VIDIOC_ENUMOUTPUT, &output) == -1);
	expect(!ioctl(out, VIDIOC_G_OUTPUT, &index));
	expect(!ioctl(out, VIDIOC_S_OUTPUT, &index));
	index = 4;
	expect(ioctl(out, VIDIOC_S_OUTPUT, &index) == -1);
	return 0;
}

OPERATION(controls)
{
	struct v4l2_queryctrl query = {.id = TIMEOUT};

	expect(!ioctl(out, VIDIOC_QUERYCTRL, &query));
	query.id = CID_BASE + 77;
	expect(ioctl(out, VIDIOC_QUERYCTRL, &query) == -1);
	expect(control_value(out, CID_BASE + 77) < 0);
	expect(control(out, CID_BASE + 77, 1) < 0);
	expect_equal(control(out, KEEP_FORMAT, 1), 0);
	expect_equal(control_value(out, KEEP_FORMAT), 1);
	expect_equal(control(out, KEEP_FORMAT, 0), 0);
	expect_equal(control(out, SUSTAIN_FRAMERATE, 1), 0);
	expect_equal(control(out, SUSTAIN_FRAMERATE, 0), 0);
	return 0;
}

static long request(int fd, unsigned type, unsigned count, unsigned memory)
{
	struct v4l2_requestbuffers r = {.count = count, .type = type, .memory = memory};

	return result(ioctl(fd, VIDIOC_REQBUFS, &r));
}

OPERATION(request_buffers)
{
	expect(request(out, V4L2_BUF_TYPE_VIDEO_OUTPUT, 2, V4L2_MEMORY_USERPTR) < 0);
	return request(out, V4L2_BUF_TYPE_VIDEO_OUTPUT, 2, V4L2_MEMORY_MMAP);
}

OPERATION(query_buffer)
{
	struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
	long err = result(ioctl(out, VIDIOC_QUERYBUF, &b));

	b.index = 999;
	expect(ioctl(out, VIDIOC_QUERYBUF, &b) == -1);
	return err;
}

OPERATION(queue)
{
	struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
				.memory = V4L2_MEMORY_MMAP,
				.bytesused = sizeof(frame)};
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	long err = result(ioctl(out, VIDIOC_STREAMON, &type));

	if (err)
		return err;
	err = result(ioctl(out, VIDIOC_QBUF, &b));
	if (!err)
		err = result(ioctl(out, VIDIOC_DQBUF, &b));
	b.index = 999;
	expect(ioctl(out, VIDIOC_QBUF, &b) == -1);
	expect(!ioctl(out, VIDIOC_STREAMOFF, &type));
	return err;
}

OPERATION(open_reader)
{
	in = open_device();
	return result(in);
}

OPERATION(write)
{
	memset(frame, 0x5a, sizeof(frame));
	return result(write(out, frame, sizeof(frame)));
}

OPERATION(read)
{
	struct pollfd p = {.fd = in, .events = POLLIN | POLLPRI};
	long n = result(write(out, frame, sizeof(frame)));

	if (n < 0)
		return n;
	expect(poll(&p, 1, 0) >= 0);
	n = result(read(in, back, sizeof(back)));
	if (n >= 0)
		expect(back[0] == 0x5a && back[sizeof(back) - 1] == 0x5a);
	return n;
}

/* What is there is read; then there is nothing more. */
OPERATION(read_all)
{
	struct pollfd p = {.fd = in, .events = POLLIN};

	for (int i = 0; i < 4 && read(in, back, sizeof(back)) >= 0; i++)
		;
	expect(read(in, back, sizeof(back)) == -1);
	expect(poll(&p, 1, 0) == 0 || !(p.revents & POLLIN));
	return 0;
}

OPERATION(reader_ioctls)
{
	struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	struct v4l2_fmtdesc description = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	struct v4l2_input input = {0};
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	unsigned index = 0;

	expect(!ioctl(in, VIDIOC_G_FMT, &format));
	expect_equal(format.fmt.pix.width, WIDTH);
	expect(!ioctl(in, VIDIOC_ENUM_FMT, &description));
	expect(!ioctl(in, VIDIOC_S_FMT, &format));
	expect(!ioctl(in, VIDIOC_ENUMINPUT, &input));
	expect(!ioctl(in, VIDIOC_G_INPUT, &index));
	expect(!ioctl(in, VIDIOC_S_INPUT, &index));
	index = 3;
	expect(ioctl(in, VIDIOC_S_INPUT, &index) == -1);
	expect(!request(in, V4L2_BUF_TYPE_VIDEO_CAPTURE, 2, V4L2_MEMORY_MMAP));
	expect(!ioctl(in, VIDIOC_STREAMON, &type));
	expect(!ioctl(in, VIDIOC_QBUF, &b));
	expect(ioctl(in, VIDIOC_DQBUF, &b) == -1); /* nothing is mapped */
	expect(!ioctl(in, VIDIOC_STREAMOFF, &type));
	return 0;
}

OPERATION(sysfs)
{
	char text[64];

	if (!has_files())
		return 0;
	expect(kfail_read_file(SYSFS "format", text, sizeof(text)) > 0);
	expect(strstr(text, "64x32"));
	expect(kfail_read_file(SYSFS "buffers", text, sizeof(text)) > 0);
	expect(kfail_read_file(SYSFS "max_openers", text, sizeof(text)) > 0);
	expect(kfail_write_file(SYSFS "max_openers", "nonsense") == -EINVAL);
	expect(kfail_write_file(SYSFS "max_openers", "1") == -EINVAL);
	expect(kfail_write_file(SYSFS "max_openers", "2") > 0);
	expect(open_device() == -1 && errno == EBUSY);
	expect(kfail_write_file(SYSFS "max_openers", "10") > 0);
	expect(kfail_write_file(SYSFS "format", "@30") > 0);
	expect(kfail_write_file(SYSFS "format", "@0/0") == -EINVAL);
	expect(kfail_write_file(SYSFS "format", "nonsense") == -EINVAL);
	return 0;
}

/* Timers run while the device is open, and are gone when it is closed. */
OPERATION(timeout)
{
	struct pollfd p = {.fd = in, .events = POLLIN};
	long err = control(out, TIMEOUT, 100);

	if (err)
		return err;
	expect_equal(control(out, SUSTAIN_FRAMERATE, 1), 0);
	poll(&p, 1, 500);
	if (read(in, back, sizeof(back)) > 0 && poll(&p, 1, 500) > 0)
		read(in, back, sizeof(back));
	return 0;
}

OPERATION(timeout_image)
{
	long err = control(out, TIMEOUT_IMAGE_IO, 1);
	int fd = err ? -1 : open_device();
	struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};

	if (fd < 0)
		return err ? err : -errno;
	expect(!request(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, 1, V4L2_MEMORY_MMAP));
	expect(request(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, 1, V4L2_MEMORY_USERPTR) < 0);
	expect(!ioctl(fd, VIDIOC_QUERYBUF, &b));
	expect(!ioctl(fd, VIDIOC_QBUF, &b));
	expect(!ioctl(fd, VIDIOC_DQBUF, &b));
	return result(close(fd));
}

OPERATION(event)
{
	struct v4l2_event_subscription subscription = {.type = V4L2_EVENT_CTRL, .id = KEEP_FORMAT};
	long err = result(ioctl(in, VIDIOC_SUBSCRIBE_EVENT, &subscription));

	if (err)
		return err;
	expect(!ioctl(in, VIDIOC_UNSUBSCRIBE_EVENT, &subscription));
	subscription.type = 0x7777;
	expect(ioctl(in, VIDIOC_SUBSCRIBE_EVENT, &subscription) == -1);
	return 0;
}

OPERATION(close)
{
	close(in);
	return result(close(out));
}
