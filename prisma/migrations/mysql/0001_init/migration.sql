-- CreateTable
CREATE TABLE `images` (
    `id` VARCHAR(36) NOT NULL,
    `name` VARCHAR(255),
    `status` VARCHAR(30) NOT NULL,
    `visibility` VARCHAR(30) NOT NULL DEFAULT 'shared',
    `protected` BOOLEAN NOT NULL DEFAULT false,
    `os_hidden` BOOLEAN NOT NULL DEFAULT false,
    `owner` VARCHAR(255),
    `disk_format` VARCHAR(20),
    `container_format` VARCHAR(20),
    `min_disk` INTEGER NOT NULL DEFAULT 0,
    `min_ram` INTEGER NOT NULL DEFAULT 0,
    `size` BIGINT,
    `virtual_size` BIGINT,
    `checksum` VARCHAR(32),
    `os_hash_algo` VARCHAR(64),
    `os_hash_value` VARCHAR(128),
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,
    `deleted_at` DATETIME(3),
    `deleted` BOOLEAN NOT NULL DEFAULT false,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ENGINE=InnoDB;

-- CreateTable
CREATE TABLE `image_properties` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `image_id` VARCHAR(36) NOT NULL,
    `name` VARCHAR(255) NOT NULL,
    `value` TEXT,
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,
    `deleted_at` DATETIME(3),
    `deleted` BOOLEAN NOT NULL DEFAULT false,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ENGINE=InnoDB;

-- CreateTable
CREATE TABLE `image_tags` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `image_id` VARCHAR(36) NOT NULL,
    `value` VARCHAR(255) NOT NULL,
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,
    `deleted_at` DATETIME(3),
    `deleted` BOOLEAN NOT NULL DEFAULT false,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ENGINE=InnoDB;

-- CreateTable
CREATE TABLE `image_locations` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `image_id` VARCHAR(36) NOT NULL,
    `value` TEXT NOT NULL,
    `meta_data` TEXT NOT NULL,
    `store` VARCHAR(255),
    `status` VARCHAR(30) NOT NULL DEFAULT 'active',
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,
    `deleted_at` DATETIME(3),
    `deleted` BOOLEAN NOT NULL DEFAULT false,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ENGINE=InnoDB;

-- CreateTable
CREATE TABLE `image_members` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `image_id` VARCHAR(36) NOT NULL,
    `member` VARCHAR(255) NOT NULL,
    `can_share` BOOLEAN NOT NULL DEFAULT false,
    `status` VARCHAR(20) NOT NULL DEFAULT 'pending',
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,
    `deleted_at` DATETIME(3),
    `deleted` BOOLEAN NOT NULL DEFAULT false,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ENGINE=InnoDB;

-- CreateTable
CREATE TABLE `transfers` (
    `id` VARCHAR(36) NOT NULL,
    `image_id` VARCHAR(36) NOT NULL,
    `store` VARCHAR(255) NOT NULL,
    `state` VARCHAR(20) NOT NULL,
    `holder` VARCHAR(255),
    `job_id` VARCHAR(36) NOT NULL,
    `created_at` DATETIME(3) NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ENGINE=InnoDB;

-- CreateTable
CREATE TABLE `outbox` (
    `seq` BIGINT NOT NULL AUTO_INCREMENT,
    `id` VARCHAR(36) NOT NULL,
    `kind` VARCHAR(10) NOT NULL,
    `name` VARCHAR(64) NOT NULL,
    `queue` VARCHAR(255) NOT NULL,
    `payload` MEDIUMTEXT NOT NULL,
    `request_id` VARCHAR(255) NOT NULL,
    `created_at` DATETIME(3) NOT NULL,
    `published_at` DATETIME(3),
    `attempts` INTEGER NOT NULL DEFAULT 0,

    PRIMARY KEY (`seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ENGINE=InnoDB;

-- CreateTable
CREATE TABLE `tokens` (
    `hash` VARCHAR(64) NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,
    `body` MEDIUMTEXT NOT NULL,

    PRIMARY KEY (`hash`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ENGINE=InnoDB;

-- CreateIndex
CREATE INDEX `images_deleted_os_hidden_created_at_id_idx` ON `images`(`deleted`, `os_hidden`, `created_at`, `id`);

-- CreateIndex
CREATE INDEX `images_deleted_visibility_os_hidden_created_at_id_idx` ON `images`(`deleted`, `visibility`, `os_hidden`, `created_at`, `id`);

-- CreateIndex
CREATE INDEX `images_deleted_owner_created_at_id_idx` ON `images`(`deleted`, `owner`, `created_at`, `id`);

-- CreateIndex
CREATE INDEX `images_deleted_updated_at_created_at_id_idx` ON `images`(`deleted`, `updated_at`, `created_at`, `id`);

-- CreateIndex
CREATE INDEX `images_deleted_name_created_at_id_idx` ON `images`(`deleted`, `name`, `created_at`, `id`);

-- CreateIndex
CREATE INDEX `images_deleted_size_created_at_id_idx` ON `images`(`deleted`, `size`, `created_at`, `id`);

-- CreateIndex
CREATE INDEX `images_deleted_status_idx` ON `images`(`deleted`, `status`);

-- CreateIndex
CREATE INDEX `images_checksum_idx` ON `images`(`checksum`);

-- CreateIndex
CREATE INDEX `images_os_hash_value_idx` ON `images`(`os_hash_value`);

-- CreateIndex
CREATE INDEX `image_properties_name_value_idx` ON `image_properties`(`name`, `value`(64));

-- CreateIndex
CREATE UNIQUE INDEX `image_properties_image_id_name_key` ON `image_properties`(`image_id`, `name`);

-- CreateIndex
CREATE INDEX `image_tags_value_image_id_idx` ON `image_tags`(`value`, `image_id`);

-- CreateIndex
CREATE UNIQUE INDEX `image_tags_image_id_value_key` ON `image_tags`(`image_id`, `value`);

-- CreateIndex
CREATE INDEX `image_locations_image_id_idx` ON `image_locations`(`image_id`);

-- CreateIndex
CREATE INDEX `image_locations_store_deleted_id_idx` ON `image_locations`(`store`, `deleted`, `id`);

-- CreateIndex
CREATE INDEX `image_locations_value_idx` ON `image_locations`(`value`(255));

-- CreateIndex
CREATE INDEX `image_members_member_deleted_status_idx` ON `image_members`(`member`, `deleted`, `status`);

-- CreateIndex
CREATE UNIQUE INDEX `image_members_image_id_member_key` ON `image_members`(`image_id`, `member`);

-- CreateIndex
CREATE INDEX `transfers_image_id_idx` ON `transfers`(`image_id`);

-- CreateIndex
CREATE INDEX `transfers_expires_at_idx` ON `transfers`(`expires_at`);

-- CreateIndex
CREATE UNIQUE INDEX `outbox_id_key` ON `outbox`(`id`);

-- CreateIndex
CREATE INDEX `outbox_published_at_seq_idx` ON `outbox`(`published_at`, `seq`);

-- CreateIndex
CREATE INDEX `tokens_expires_at_idx` ON `tokens`(`expires_at`);

-- AddForeignKey
ALTER TABLE `image_properties` ADD CONSTRAINT `image_properties_image_id_fkey` FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `image_tags` ADD CONSTRAINT `image_tags_image_id_fkey` FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `image_locations` ADD CONSTRAINT `image_locations_image_id_fkey` FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `image_members` ADD CONSTRAINT `image_members_image_id_fkey` FOREIGN KEY (`image_id`) REFERENCES `images`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
