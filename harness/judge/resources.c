// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which kernel functions register something, and what to call it: a leftover made inside such a
 * call is a resource left registered, not just memory. A table, by the function that the driver
 * called directly (its own name, or the one behind a macro or inline function of a header). The
 * first entry that matches counts.
 *
 * `keeps`: documented to leave the object with the caller when it fails, who must then drop the
 * reference (put_device(), kobject_put()); forgetting that is the driver's own leak.
 */
#include "evidence.h"

#include <string.h>

static const struct resource resources[] = {
	{"__register_chrdev*", "character device region", false},
	{"register_chrdev*", "character device region", false},
	{"alloc_chrdev_region", "character device region", false},
	{"cdev_alloc", "character device", false},
	{"cdev_add", "character device", false},
	{"cdev_device_add", "character device", true},
	{"misc_register", "misc device", false},

	{"class_create", "device class", false},
	{"__class_create", "device class", false},
	{"class_register", "device class", false},
	{"__class_register", "device class", false},
	{"class_create_file*", "class attribute file", false},
	{"device_register", "device", true},
	{"device_add", "device", true},
	{"device_add_disk", "disk", false},
	{"device_create_file", "sysfs file", false},
	{"device_create*", "device", false},
	{"__root_device_register", "root device", false},
	{"bus_register", "bus", false},
	{"driver_register", "driver", false},
	{"__platform_driver_register", "platform driver", false},
	{"__platform_driver_probe", "platform driver", false},
	{"__platform_create_bundle", "platform driver", false},
	{"platform_driver_register", "platform driver", false},
	{"platform_device_register_full", "platform device", false},
	{"platform_device_register*", "platform device", true},
	{"platform_device_add*", "platform device", false},
	{"platform_device_alloc", "platform device", false},
	{"__pci_register_driver", "PCI driver", false},
	{"usb_register_driver", "USB driver", false},
	{"usb_register_dev", "USB class device", false},
	{"i2c_register_driver", "I2C driver", false},
	{"i2c_add_adapter", "I2C adapter", false},
	{"__spi_register_driver", "SPI driver", false},
	{"__hid_register_driver", "HID driver", false},
	{"acpi_bus_register_driver", "ACPI driver", false},
	{"__mdiobus_register", "MDIO bus", false},

	{"kobject_init_and_add", "kobject", true},
	{"kobject_add", "kobject", true},
	{"kobject_create_and_add", "kobject", false},
	{"kobject_set_name*", "kobject name", true},
	{"dev_set_name", "device name", true},
	{"kset_register", "kset", true},
	{"kset_create_and_add", "kset", false},

	{"proc_create*", "proc entry", false},
	{"proc_mkdir*", "proc directory", false},
	{"proc_symlink", "proc entry", false},
	{"_proc_mkdir", "proc directory", false},
	{"debugfs_create_dir", "debugfs directory", false},
	{"debugfs_create_*", "debugfs entry", false},
	{"sysfs_create_group*", "sysfs group", false},
	{"internal_create_group*", "sysfs group", false},
	{"sysfs_create_*", "sysfs file", false},
	{"tracefs_create_*", "tracefs entry", false},
	{"securityfs_create_*", "securityfs entry", false},
	{"configfs_register_*", "configfs entry", false},
	{"register_sysctl*", "sysctl table", false},
	{"__register_sysctl_table", "sysctl table", false},
	{"register_filesystem", "file system", false},
	{"kern_mount", "kernel mount", false},

	{"request_threaded_irq", "interrupt handler", false},
	{"request_any_context_irq", "interrupt handler", false},
	{"request_irq", "interrupt handler", false},
	{"__request_region", "I/O region", false},
	{"__irq_domain_add", "interrupt domain", false},
	{"__irq_alloc_descs", "interrupt descriptors", false},

	{"register_netdev*", "network device", false},
	{"alloc_netdev_mqs", "network device", false},
	{"alloc_etherdev_mqs", "network device", false},
	{"rtnl_link_register", "rtnetlink link type", false},
	{"register_pernet_*", "per-network-namespace operations", false},
	{"proto_register", "network protocol", false},
	{"sock_register", "socket family", false},
	{"__netlink_kernel_create", "netlink socket", false},
	{"genl_register_family", "generic netlink family", false},
	{"nf_register_net_hook*", "netfilter hook", false},
	{"wiphy_new_nm", "wireless device", false},
	{"wiphy_register", "wireless device", false},

	{"kthread_create_on_node", "kernel thread", false},
	{"kthread_create_worker*", "kernel thread", false},
	{"__kthread_create_worker", "kernel thread", false},
	{"alloc_workqueue", "workqueue", false},
	{"queue_work_on", "queued work", false},
	{"queue_delayed_work_on", "queued work", false},
	{"add_timer*", "timer", false},
	{"mod_timer", "timer", false},
	{"blocking_notifier_chain_register*", "notifier", false},
	{"atomic_notifier_chain_register*", "notifier", false},
	{"raw_notifier_chain_register", "notifier", false},
	{"srcu_notifier_chain_register", "notifier", false},
	{"register_*_notifier", "notifier", false},
	{"register_shrinker*", "shrinker", false},
	{"prealloc_shrinker*", "shrinker", false},

	{"input_allocate_device", "input device", false},
	{"input_register_device", "input device", false},
	{"input_register_handler", "input handler", false},
	{"video_device_alloc", "video device", false},
	{"__video_register_device", "video device", false},
	{"video_register_device", "video device", false},
	{"v4l2_device_register", "V4L2 device", false},
	{"v4l2_ctrl_new_*", "V4L2 control", false},
	{"v4l2_ctrl_handler_init_class", "V4L2 control handler", false},
	{"media_device_register*", "media device", false},
	{"__media_device_register", "media device", false},
	{"snd_card_new", "sound card", false},
	{"snd_card_register", "sound card", false},
	{"__register_blkdev", "block device number", false},
	{"__blk_alloc_disk", "disk", false},
	{"__blk_mq_alloc_disk", "disk", false},
	{"blk_mq_alloc_tag_set", "block tag set", false},
	{"add_disk*", "disk", false},
	{"tty_register_driver", "tty driver", false},
	{"__tty_alloc_driver", "tty driver", false},
	{"uart_register_driver", "serial driver", false},
	{"led_classdev_register_ext", "LED", false},
	{"hwmon_device_register*", "hwmon device", false},
	{"__power_supply_register", "power supply", false},
	{"power_supply_register*", "power supply", false},
	{"thermal_zone_device_register*", "thermal zone", false},
	{"rtc_register_device", "real-time clock", false},
	{"watchdog_register_device", "watchdog", false},
	{"gpiochip_add_data_with_key", "GPIO chip", false},
	{"nvmem_register", "nvmem device", false},
	{"__rc_register_device", "remote control device", false},
	{"rfkill_alloc", "rfkill switch", false},
	{"wakeup_source_register", "wakeup source", false},

	{"crypto_register_*", "crypto algorithm", false},
	{"crypto_alloc_*", "crypto transform", false},
	{"register_key_type", "key type", false},
	{"dm_register_target", "device-mapper target", false},
	{"register_binfmt*", "binary format", false},
	{"register_kprobe*", "kprobe", false},
	{"dma_pool_create", "DMA pool", false},
	{"dma_pool_alloc", "block of a DMA pool", false},
	{"dma_pool_zalloc", "block of a DMA pool", false},
	{"dma_alloc_attrs", "coherent DMA memory", false},
	{"dma_alloc_coherent", "coherent DMA memory", false},
	{"dma_direct_alloc", "coherent DMA memory", false},
	{"mempool_create*", "memory pool", false},
	{"mempool_init*", "memory pool", false},
	{"mempool_resize", "memory pool", false},
	{"page_frag_alloc*", "page fragment cache", false},
	{"skb_page_frag_refill", "page fragment cache", false},
	{"percpu_ref_init", "per-CPU reference", false},
	{"percpu_counter_init", "per-CPU counter", false},
	{"__percpu_counter_init", "per-CPU counter", false},
};

/* One '*' stands for any text. */
static bool matches(const char *pattern, const char *name, size_t length)
{
	const char *star = strchr(pattern, '*');
	size_t head, tail;

	if (!star)
		return !strncmp(pattern, name, length) && !pattern[length];
	head = (size_t)(star - pattern);
	tail = strlen(star + 1);
	return length >= head + tail && !strncmp(pattern, name, head) &&
	       !strncmp(star + 1, name + length - tail, tail);
}

const struct resource *resource_find(const char *function)
{
	size_t length = name_length(function);

	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (matches(resources[i].function, function, length))
			return &resources[i];
	return NULL;
}
