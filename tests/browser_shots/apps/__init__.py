"""The templates, one module for apps that look alike."""
